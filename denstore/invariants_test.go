package denstore

import "pgregory.net/rapid"

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
	updated := 0
	for id, r := range s.byAction {
		is := r.Record
		at, _ := s.byTime.Get(r.place)
		named, ok := is.DENM.Key()
		pair := s.pairOf(named)
		switch {
		case !ok:
			t.Fatalf("%v does not name its pair", is)
		case is.DENM.Management.ActionID != id:
			t.Fatalf("byAction holds %v under %v", is, id)
		case s.byPair[pair] != r:
			t.Fatalf("byPair holds %v, byAction %v", s.byPair[pair], is)
		case r.action != id || r.detected != is.DENM.Management.DetectionTime || r.latest != timeKey(is.DENM):
			t.Fatalf("of %v the store believes %v, %v, %x", is, r.action, r.detected, r.latest)
		case at != r:
			t.Fatalf("byTime holds %v under %x; want %v", at, r.place, is)
		case r.updated == 0 && r.place != timeKey(is.DENM):
			t.Fatalf("%v stands under the time key %x; want %x", is, r.place, timeKey(is.DENM))
		case r.updated != 0 && s.updated[r.updated-1] != r:
			t.Fatalf("%v should be number %d of those updated", is, r.updated)
		case r.updated != 0 && r.place >= timeKey(is.DENM):
			t.Fatalf("%v stands under %x, which is no place of an earlier version", is, r.place)
		case numbers[id.SequenceNumber]:
			t.Fatalf("two records have the sequence number %d", id.SequenceNumber)
		case is.Created > is.DENM.Management.ReferenceTime:
			t.Fatalf("%v was created later, at %v", is, is.Created)
		}
		if r.updated != 0 {
			updated++
		}
		numbers[id.SequenceNumber] = true
	}
	if len(s.updated) != updated {
		t.Fatalf("%d records are noted as updated; %d of those that there are say so", len(s.updated), updated)
	}
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
