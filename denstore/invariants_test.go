package denstore

import (
	"pgregory.net/rapid"

	"github.com/step-its/producer/den"
)

// checkInvariants says what the indexes of a store always agree on. It is the
// long form of the comments on DenStore's fields.
func checkInvariants(t rapid.TB, s *DenStore) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()

	n := s.byTime.Len()
	if len(s.byPair) != n || len(s.byAction) != n {
		t.Fatalf("the indexes hold %d records by time, %d by pair, %d by action id", n, len(s.byPair), len(s.byAction))
	}
	numbers := make(map[uint16]bool, n)
	var last uint64
	s.byTime.Scan(func(key uint64, r den.Record) bool {
		id := r.DENM.Management.ActionID
		pair, ok := r.DENM.Key()
		switch {
		case !ok:
			t.Fatalf("%v does not name its pair", r)
		case key != timeKey(r.DENM):
			t.Fatalf("%v stands under the time key %x; want %x", r, key, timeKey(r.DENM))
		case key < last:
			t.Fatalf("%v stands after a newer record", r)
		case s.byAction[id] == nil || *s.byAction[id] != r:
			t.Fatalf("byTime holds %v, byAction %v", r, s.byAction[id])
		case s.byPair[s.pairKey(pair)] != s.byAction[id]:
			t.Fatalf("byPair holds %v, byAction %v", s.byPair[s.pairKey(pair)], s.byAction[id])
		case numbers[id.SequenceNumber]:
			t.Fatalf("two records have the sequence number %d", id.SequenceNumber)
		case r.Created > r.DENM.Management.ReferenceTime:
			t.Fatalf("%v was created later, at %v", r, r.Created)
		}
		numbers[id.SequenceNumber] = true
		last = key
		return true
	})
	checkSequence(t, &s.sequence, numbers)
}

// checkSequence checks that exactly the given numbers are marked as used.
func checkSequence(t rapid.TB, s *sequence, numbers map[uint16]bool) {
	t.Helper()
	if s.count != len(numbers) {
		t.Fatalf("the sequence counts %d numbers in use; want %d", s.count, len(numbers))
	}
	var used [len(s.used)]uint64
	for number := range numbers {
		used[number/64] |= 1 << (number % 64)
	}
	for word := range used {
		if s.used[word] != used[word] {
			t.Fatalf("the numbers from %d are marked as used by %b; want %b", word*64, s.used[word], used[word])
		}
	}
}
