package denstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

// numbers returns the sequence numbers of the records, the longest waiting first.
func numbers(s *DenStore) string {
	var numbers []uint16
	for r := range s.All() {
		numbers = append(numbers, r.DENM.Management.ActionID.SequenceNumber)
	}
	return fmt.Sprint(numbers)
}

// Updated records are moved when the order is asked for, and one that is removed before
// that must not come back, nor take another one's place.
func TestOrderOfUpdatedRecords(t *testing.T) {
	for _, c := range []struct {
		update []int
		remove uint16
		order  string
	}{
		{[]int{0, 1, 2}, 0, "[3 4 1 2]"}, // the first that was updated
		{[]int{0, 1, 2}, 1, "[3 4 0 2]"},
		{[]int{0, 1, 2}, 2, "[3 4 0 1]"},       // the last one
		{[]int{0, 1, 2}, 3, "[4 0 1 2]"},       // one that was not
		{[]int{0}, 0, "[1 2 3 4]"},             // the only one
		{[]int{2, 0, 2, 4, 2}, 0, "[1 3 4 2]"}, // several times
	} {
		t.Run(fmt.Sprint(c.update, "-", c.remove), func(t *testing.T) {
			s := filled(t, 5)
			now := start + 5
			for _, i := range c.update {
				upsert(t, s, i, now)
				now++
			}
			checkInvariants(t, s)
			s.Remove(den.ActionID{OriginatingStationID: ourStation, SequenceNumber: c.remove})
			checkInvariants(t, s)
			if got := numbers(s); got != c.order {
				t.Errorf("the order is %s; want %s", got, c.order)
			}
			checkInvariants(t, s)
			upsert(t, s, 3, now)
			checkInvariants(t, s)
		})
	}
}

// Whoever asks in vain does not pay for what was updated meanwhile.
func TestNothingIsMovedForNothing(t *testing.T) {
	s := filled(t, 100)
	for i := range 100 {
		upsert(t, s, i, start+200)
	}
	if got := s.Expired(start.Add(time.Second), time.Second, 5); got != nil {
		t.Errorf("Expired returns %v before its time", got)
	}
	if got := s.NextCheck(start, time.Second, time.Second); got != time.Second {
		t.Errorf("NextCheck is %v; want the bound, 1s", got)
	}
	if got := len(s.updated); got != 100 {
		t.Errorf("of 100 updated records %d are still to be moved", got)
	}
	if got := s.NextCheck(start+200, time.Second, time.Minute); got != time.Second+time.Millisecond {
		t.Errorf("NextCheck is %v; want 1.001s", got)
	}
	if got := len(s.updated); got != 0 {
		t.Errorf("%d records are still to be moved", got)
	}
}
