package denstore

import (
	"sync"
	"time"

	"github.com/tidwall/btree"

	"github.com/step-its/producer/den"
)

// PairOrder says whether (A, B) and (B, A) are one pair of road users or two.
type PairOrder uint8

const (
	// AsSent takes the pair as the sender ordered it: (A, B) and (B, A) are two
	// records.
	AsSent PairOrder = iota
	// Canonical makes (A, B) and (B, A) one record. Its DENMs keep the order in
	// which it was opened.
	Canonical
)

// String returns "asSent" or "canonical".
func (o PairOrder) String() string {
	if o == Canonical {
		return "canonical"
	}
	return "asSent"
}

// DenStore is the in-memory [den.Store]. All methods may be called
// concurrently; none of them blocks for longer than it works, and none calls out
// while it holds the lock.
//
// Records stand in three indexes, which always hold exactly the same ones:
// checkInvariants in the tests says it in code.
type DenStore struct {
	order PairOrder

	mu sync.Mutex // guards everything below

	// byTime orders the records by the reference time of their latest DENM, see
	// timeKey: what waits longest for an update comes first.
	byTime btree.Map[uint64, den.Record]
	// byPair finds the record of a pair; with Canonical, of the pair either way
	// round. A new version changes the record where it lies.
	byPair map[den.Key]*den.Record
	// byAction finds the same record by its action id. No two action ids in it
	// have the same sequence number.
	byAction map[den.ActionID]*den.Record
	// sequence knows the sequence numbers of the records.
	sequence sequence
}

var _ den.Store = (*DenStore)(nil)

// New returns an empty store.
func New(order PairOrder) *DenStore {
	return &DenStore{
		order:    order,
		byPair:   make(map[den.Key]*den.Record),
		byAction: make(map[den.ActionID]*den.Record),
	}
}

// timeKey is the place of a DENM in the order of time. Sequence numbers are
// unique in the store, so no two records have the same one.
func timeKey(d *den.DENM) uint64 {
	return uint64(d.Management.ReferenceTime)<<16 | uint64(d.Management.ActionID.SequenceNumber)
}

// Upsert implements [den.Store]. It takes O(log n).
func (s *DenStore) Upsert(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.pairKey(p.Key())
	if record, known := s.byPair[key]; known {
		return s.update(record, p, now)
	}
	number, ok := s.sequence.take()
	if !ok {
		return nil, 0, den.ErrSequenceExhausted
	}
	d := p.DENM(den.ActionID{OriginatingStationID: p.StationID, SequenceNumber: number}, now)
	s.put(key, den.Record{Created: now, DENM: d})
	return d, den.Created, nil
}

func (s *DenStore) update(record *den.Record, p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
	last := record.DENM
	if p.DetectionTime < last.Management.DetectionTime {
		return nil, 0, den.ErrStale
	}
	if s.order == Canonical {
		if opened, _ := last.Key(); opened != p.Key() {
			p.Reversed = !p.Reversed
		}
	}
	s.byTime.Delete(timeKey(last))
	record.DENM = p.DENM(last.Management.ActionID, den.NextReferenceTime(last, now))
	s.place(*record)
	return record.DENM, den.Updated, nil
}

// put brings the record into the indexes.
func (s *DenStore) put(key den.Key, record den.Record) {
	s.byPair[key] = &record
	s.byAction[record.DENM.Management.ActionID] = &record
	s.place(record)
}

// place puts the record where its reference time belongs. Load is Set with a short cut
// for what is newer than all the rest, as it nearly always is.
func (s *DenStore) place(record den.Record) { s.byTime.Load(timeKey(record.DENM), record) }

// Restore implements [den.Store].
func (s *DenStore) Restore(records []den.Record, next uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byTime = btree.Map[uint64, den.Record]{}
	clear(s.byPair)
	clear(s.byAction)
	s.sequence = sequence{next: next}
	byNumber := make(map[uint16]den.ActionID, len(records))
	for _, record := range records {
		id := record.DENM.Management.ActionID
		pair, _ := record.DENM.Key()
		key := s.pairKey(pair)
		if other, ok := s.byPair[key]; ok {
			s.remove(*other)
		}
		if other, ok := byNumber[id.SequenceNumber]; ok && s.byAction[other] != nil {
			s.remove(*s.byAction[other])
		}
		byNumber[id.SequenceNumber] = id
		s.sequence.use(id.SequenceNumber)
		s.put(key, record)
	}
}

func (s *DenStore) pairKey(k den.Key) den.Key {
	if s.order == Canonical {
		return k.Canonical()
	}
	return k
}

// Lookup implements [den.Store]. It takes O(1).
func (s *DenStore) Lookup(id den.ActionID) (den.Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.byAction[id]
	if !ok {
		return den.Record{}, false
	}
	return *record, true
}

// Remove implements [den.Store]. It takes O(log n).
func (s *DenStore) Remove(id den.ActionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.byAction[id]
	if ok {
		s.remove(*record)
	}
	return ok
}

// remove takes a record out of the indexes.
func (s *DenStore) remove(record den.Record) {
	id := record.DENM.Management.ActionID
	key, _ := record.DENM.Key()
	s.byTime.Delete(timeKey(record.DENM))
	delete(s.byPair, s.pairKey(key))
	delete(s.byAction, id)
	s.sequence.release(id.SequenceNumber)
}

// Len implements [den.Store].
func (s *DenStore) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byTime.Len()
}

// Expired implements [den.Store]. It looks at no more records than it returns,
// and one.
func (s *DenStore) Expired(now den.Timestamp, delay time.Duration, most int) []den.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var expired []den.Record
	s.byTime.Scan(func(_ uint64, record den.Record) bool {
		if len(expired) >= most || now.Sub(record.DENM.Management.ReferenceTime) <= delay {
			return false
		}
		expired = append(expired, record)
		return true
	})
	return expired
}

// NextCheck implements [den.Store]. It takes O(log n).
func (s *DenStore) NextCheck(now den.Timestamp, delay, most time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, oldest, ok := s.byTime.Min()
	if !ok {
		return most
	}
	// A record expires when more than delay has passed, so one tick later.
	due := oldest.DENM.Management.ReferenceTime.Add(delay) + 1
	return min(max(due.Sub(now), 0), most)
}
