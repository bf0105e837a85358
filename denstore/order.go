package denstore

import (
	"time"

	"github.com/step-its/producer/den"
)

// Most records get many versions before anybody asks which one is the oldest. So an update
// does not touch the order of time: it is brought up to date when it is looked at, and then
// a record is moved once, however many versions it got since. That takes a sixth of a
// microsecond for each, for which everybody waits.

// timeKey is the place of a DENM in the order of time. Sequence numbers are
// unique in the store, so no two records have the same one. A reference time takes 43 bits,
// see [den.MaxTimestamp].
func timeKey(d *den.DENM) uint64 {
	return uint64(d.Management.ReferenceTime)<<16 | uint64(d.Management.ActionID.SequenceNumber)
}

// timeOf returns the reference time in a time key.
func timeOf(key uint64) den.Timestamp { return den.Timestamp(int64(key) >> 16) }

// putInOrder puts the record where its reference time belongs. Load is Set with a short
// cut for what is newer than all the rest.
func (s *DenStore) putInOrder(r *record) {
	r.place = r.latest
	s.byTime.Load(r.place, r)
}

// noteUpdated notes that the record has a new version.
func (s *DenStore) noteUpdated(r *record) {
	if r.updated == 0 {
		s.updated = append(s.updated, r)
		r.updated = len(s.updated)
	}
}

// removeFromOrder takes the record out of byTime, and out of updated.
func (s *DenStore) removeFromOrder(r *record) {
	s.byTime.Delete(r.place)
	if r.updated == 0 {
		return
	}
	end := len(s.updated) - 1
	last := s.updated[end]
	s.updated[r.updated-1], last.updated = last, r.updated
	s.updated[end] = nil
	s.updated = s.updated[:end]
}

// arrange puts the updated records in their places.
func (s *DenStore) arrange() {
	for _, r := range s.updated {
		s.byTime.Delete(r.place)
		s.putInOrder(r)
		r.updated = 0
	}
	clear(s.updated)
	s.updated = s.updated[:0]
}

// Expired implements [den.Store]. When something may have expired it first puts in order what
// was updated since the last time, in O(log n) for each; then it looks at no more records
// than it returns, and one.
func (s *DenStore) Expired(now den.Timestamp, delay time.Duration, most int) []den.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.untilExpired(now, delay, 1) > 0 {
		return nil
	}
	s.arrange()
	var expired []den.Record
	s.byTime.Scan(func(_ uint64, r *record) bool {
		if len(expired) >= most || now.Sub(timeOf(r.latest)) <= delay {
			return false
		}
		expired = append(expired, r.Record)
		return true
	})
	return expired
}

// NextCheck implements [den.Store]. It takes O(log n), and if the time may be shorter than
// most, O(log n) for each record that was updated since the last time.
func (s *DenStore) NextCheck(now den.Timestamp, delay, most time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.untilExpired(now, delay, most) == most {
		return most
	}
	s.arrange()
	return s.untilExpired(now, delay, most)
}

// untilExpired returns how long it is at least until the first record expires, 0 to most; and
// exactly so long if the records are arranged. Others may stand in the place of an earlier
// version, but never in one of a later.
func (s *DenStore) untilExpired(now den.Timestamp, delay, most time.Duration) time.Duration {
	oldest, _, ok := s.byTime.Min()
	if !ok {
		return most
	}
	// A record expires when more than delay has passed, so one tick later.
	due := timeOf(oldest).Add(delay) + 1
	return min(max(due.Sub(now), 0), most)
}
