package dentest

import (
	"time"

	"github.com/step-its/producer/den"
)

// restoreRules is the contract of Store.Restore.
var restoreRules = []storeRule{
	{
		"restore", "after a crash the events that are open go on as if they had been opened here: under their " +
			"action ids, with newer reference times, and known by the time at which they began",
		func(s *storeTest) {
			a, b := s.record(10, 7), s.record(11, 65535)
			a.Created -= 5000
			s.Restore([]den.Record{a, b}, 100)
			s.wantRecord(a.DENM, a.Created)
			s.wantRecord(b.DENM, b.Created)
			s.wantLen(2)
			s.refuse(prediction(10, a.DENM.Management.DetectionTime-1), den.ErrStale)
			for range 2 {
				d := s.update(10)
				s.wantNumber(d, 7)
				s.wantReferenceTime(d, max(s.now, a.DENM.Management.ReferenceTime+1))
				s.wantRecord(d, a.Created)
				a.DENM = d
			}
			s.remove(b.DENM)
			s.wantNumber(s.create(11), 100)
			s.wantLen(2)
		},
	},
	{
		"restore_due", "what was due before the crash is due after it: a record that waited for an update waits " +
			"on, and its false warning is on the road meanwhile",
		func(s *storeTest) {
			var records []den.Record
			for i := range den.StationID(10) {
				records = append(records, s.record(10+i, uint16(900-90*i)))
				s.sleep(100 * time.Millisecond)
			}
			s.Restore(records, 0)
			s.wantExpired(time.Second, 10)
			if got := s.NextCheck(s.now, time.Second, time.Minute); got != time.Millisecond {
				s.Errorf("NextCheck is %v; want 1ms: a second ago the first of the records got its version", got)
			}
			s.sleep(201 * time.Millisecond)
			s.wantExpired(time.Second, 10, records[0].DENM, records[1].DENM, records[2].DENM)
			s.wantExpired(time.Second, 2, records[0].DENM, records[1].DENM)
		},
	},
	{
		"restore_replaces", "Restore replaces everything: what another process has ended in the meantime must " +
			"not be found any more, or it would be cancelled again or updated under a dead action id",
		func(s *storeTest) {
			old, _ := s.create(10), s.create(11)
			d := s.record(12, 5)
			s.Restore([]den.Record{d}, 6)
			s.wantLen(1)
			if r, ok := s.Lookup(old.Management.ActionID); ok {
				s.Errorf("Lookup found %v, which was not restored", r)
			}
			s.wantNumber(s.create(10), 6)
			s.Restore(nil, 0)
			s.wantLen(0)
			s.sleep(time.Hour)
			s.wantExpired(0, 10)
			if got := s.NextCheck(s.now, time.Second, time.Minute); got != time.Minute {
				s.Errorf("NextCheck of an empty store is %v; want the bound, 1m0s", got)
			}
			s.wantNumber(s.create(10), 0)
		},
	},
	{
		"restore_next", "a new event takes the first free number from next on: the numbers before it belong to " +
			"events that receivers may still know, and those in use would make one event of two",
		func(s *storeTest) {
			s.Restore([]den.Record{s.record(10, 65535), s.record(11, 1), s.record(12, 65533)}, 65533)
			for i, want := range []uint16{65534, 0, 2, 3} {
				s.wantNumber(s.create(den.StationID(20+i)), want)
			}
			s.Restore(nil, 500)
			s.wantNumber(s.create(10), 500)
			s.wantNumber(s.create(11), 501)
		},
	},
	{
		"restore_duplicates", "of two records for one pair, or with one sequence number, the later one stays and " +
			"nothing of the other: the earlier one was ended in a way that is not known, and two open events for " +
			"one pair would warn twice",
		func(s *storeTest) {
			a, b, c := s.record(10, 1), s.record(11, 1), s.record(10, 2)
			s.Restore([]den.Record{a, b, c}, 1)
			s.wantRecord(b.DENM, b.Created)
			s.wantRecord(c.DENM, c.Created)
			s.wantLen(2)
			s.wantNumber(s.update(10), 2)
			s.wantNumber(s.update(11), 1)

			s.Restore([]den.Record{c, a}, 1)
			if r, ok := s.Lookup(c.DENM.Management.ActionID); ok {
				s.Errorf("Lookup found %v; the pair has a later record", r)
			}
			s.wantLen(1)
			s.wantNumber(s.create(12), 2)

			other := s.record(13, 1)
			other.DENM.Management.ActionID.OriginatingStationID++ // the number is the same
			s.Restore([]den.Record{a, other}, 1)
			s.wantRecord(other.DENM, other.Created)
			s.wantLen(1)
			s.wantNumber(s.create(10), 2)
		},
	},
}

// record returns a record that another store made now.
func (s *storeTest) record(target den.StationID, number uint16) den.Record {
	id := den.ActionID{OriginatingStationID: ourStation, SequenceNumber: number}
	return den.Record{Created: s.now, DENM: prediction(target, s.now).DENM(id, s.now)}
}

func (s *storeTest) wantLen(want int) {
	s.Helper()
	if got := s.Len(); got != want {
		s.Errorf("Len is %d; want %d", got, want)
	}
}
