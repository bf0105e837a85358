package denstore

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/step-its/producer/den"
)

func TestSequenceWrapsAtItsEnd(t *testing.T) {
	s := sequence{next: 65535}
	for _, want := range []uint16{65535, 0, 1} {
		if got, ok := s.take(); got != want || !ok {
			t.Errorf("take = %d, %v; want %d", got, ok, want)
		}
	}
}

// One number is free, anywhere, and the search begins anywhere: also right
// behind it, in the same word.
func TestSequenceFindsTheOnlyFreeNumber(t *testing.T) {
	var full sequence
	numbers := make(map[uint16]bool, den.MaxRecords)
	for i := range den.MaxRecords {
		if number, ok := full.take(); !ok || int(number) != i {
			t.Fatalf("take %d = %d, %v", i, number, ok)
		}
		numbers[uint16(i)] = true
	}
	checkSequence(t, &full, numbers)
	rapid.Check(t, func(t *rapid.T) {
		s := full
		free := rapid.Uint16().Draw(t, "free")
		s.next = free + uint16(rapid.SampledFrom([]int{0, 1, 63, 64, 65, 30000, 65535}).Draw(t, "distance"))
		s.release(free)
		if got, ok := s.take(); got != free || !ok {
			t.Fatalf("take = %d, %v; want %d", got, ok, free)
		}
		if s.next != free+1 {
			t.Fatalf("the next one to try is %d; want %d", s.next, free+1)
		}
		if got, ok := s.take(); ok {
			t.Fatalf("take found %d; all numbers are in use", got)
		}
	})
}
