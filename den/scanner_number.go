package den

import "encoding/binary"

// integer reads a number if it is a whole one and not too long.
func (s *scanner) integer() (n int64, ok bool) {
	n, end, ok := integerAt(s.text, s.pos)
	return n, ok && s.endsAt(end)
}

// degrees reads a number of degrees that has at most seven decimals, as 1e-7 degrees.
func (s *scanner) degrees() (e7 int64, ok bool) {
	e7, end, ok := degreesAt(s.text, s.pos)
	return e7, ok && s.endsAt(end)
}

// endsAt goes on at the end of a number, unless the number goes on there.
func (s *scanner) endsAt(end int) bool {
	if end < len(s.text) {
		if c := s.text[end]; c == '.' || c == 'e' || c == 'E' || '0' <= c && c <= '9' {
			return false
		}
	}
	s.pos = end
	return true
}

// maxDigits is how many digits a whole number has at most.
const maxDigits = 18

// integerAt reads the whole number that begins there. Whether it goes on, with a fraction or
// an exponent, is for the caller to look at.
func integerAt(text []byte, start int) (n int64, end int, ok bool) {
	first := start
	if start < len(text) && text[start] == '-' {
		first++
	}
	n, end = digitsAt(text, first)
	if first > start {
		n = -n
	}
	return n, end, first < end && end <= first+maxDigits
}

// degreesAt reads the number of degrees that begins there, with seven decimals at most, as
// 1e-7 degrees. Whether it goes on is for the caller to look at.
func degreesAt(text []byte, start int) (e7 int64, end int, ok bool) {
	first := start
	if start < len(text) && text[start] == '-' {
		first++
	}
	e7, end = digitsAt(text, first)
	if end == first || end > first+3 {
		return 0, end, false
	}
	if fraction, ok := sevenDecimals(text[end:]); ok {
		return signed(e7*1e7+fraction, first > start), end + len(".1234567"), true
	}
	decimals := 0
	if end < len(text) && text[end] == '.' {
		for end++; end < len(text) && '0' <= text[end] && text[end] <= '9' && decimals < 7; end++ {
			e7 = e7*10 + int64(text[end]-'0')
			decimals++
		}
		if decimals == 0 {
			return 0, end, false
		}
	}
	e7 *= [...]int64{1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1}[decimals]
	return signed(e7, first > start), end, true
}

func signed(n int64, negative bool) int64 {
	if negative {
		return -n
	}
	return n
}

// sevenDecimals reads a point and the seven digits behind it, if they stand there: these
// are eight bytes, and are taken together. First the byte of each digit becomes its
// amount, that of the point 0; then pairs of them, pairs of pairs, and both halves are
// added up, each with its weight.
func sevenDecimals(text []byte) (n int64, ok bool) {
	if len(text) < 8 {
		return 0, false
	}
	const each = 0x0101010101010101
	word := binary.LittleEndian.Uint64(text) ^ (each*'0' ^ '0' ^ '.')
	if (word|(word+each*6))&(each*0xf0)|word&0xff != 0 {
		return 0, false
	}
	word = word*10 + word>>8
	word = word&0x00ff00ff00ff00ff*100 + word>>16&0x00ff00ff00ff00ff
	word = word&0x0000ffff0000ffff*10000 + word>>32&0x0000ffff0000ffff
	return int64(word & 0xffffffff), true
}

// digitsAt reads the digits that begin there. There are none if a zero stands before
// others, and their amount is of no use if there are more than maxDigits.
func digitsAt(text []byte, start int) (n int64, end int) {
	for end = start; end < len(text); end++ {
		c := text[end] - '0'
		if c > 9 {
			break
		}
		n = n*10 + int64(c)
	}
	if end > start+1 && text[start] == '0' {
		return 0, start
	}
	return n, end
}

// number reads a number: an integer, a fraction, an exponent. What follows it is
// looked at by whoever reads on.
func (s *scanner) number() bool {
	if s.text[s.pos] == '-' {
		s.pos++
	}
	if zero := s.pos; s.digits() == 0 || s.text[zero] == '0' && s.pos > zero+1 {
		return false
	}
	if s.at() == '.' {
		s.pos++
		if s.digits() == 0 {
			return false
		}
	}
	if c := s.at(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.at(); c == '+' || c == '-' {
			s.pos++
		}
		return s.digits() > 0
	}
	return true
}

// digits passes over digits, and returns how many there are.
func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.text) && '0' <= s.text[s.pos] && s.text[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}
