package denstore

import "math/bits"

// sequence gives out sequence numbers, 0..65535: one after the other, beginning
// again at 0 after 65535, and passing over those that are still in use. So a
// number comes back as late as possible, and never while a record has it. The zero
// sequence begins with 0.
type sequence struct {
	used  [65536 / 64]uint64 // a bit for each number
	count int                // of the numbers in use
	next  uint16             // the first one to try
}

// take returns the next number that is not in use and marks it as used. It
// reports false when there is none.
func (s *sequence) take() (uint16, bool) {
	if s.count == 65536 {
		return 0, false
	}
	word := int(s.next / 64)
	free := ^s.used[word] &^ (1<<(s.next%64) - 1) // not those before next
	for free == 0 {
		word = (word + 1) % len(s.used)
		free = ^s.used[word]
	}
	number := uint16(word*64 + bits.TrailingZeros64(free))
	s.used[word] |= 1 << (number % 64)
	s.count++
	s.next = number + 1 // wraps
	return number, true
}

// use marks a number that is not in use as used.
func (s *sequence) use(number uint16) {
	s.used[number/64] |= 1 << (number % 64)
	s.count++
}

// release makes a number that is in use free again.
func (s *sequence) release(number uint16) {
	s.used[number/64] &^= 1 << (number % 64)
	s.count--
}
