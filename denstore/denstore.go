package denstore

import (
	"sync"

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
// concurrently. They wait for each other, but for nothing else, and none calls out
// while it holds the lock.
//
// Records stand in three indexes, which always hold exactly the same ones:
// checkInvariants in the tests says it in code.
type DenStore struct {
	order PairOrder

	mu sync.Mutex // guards everything below

	// byPair finds the record of a pair; with Canonical, of the pair either way
	// round. A new version changes the record where it lies.
	byPair map[pair]*record
	// byAction finds the same record by its action id. No two action ids in it
	// have the same sequence number.
	byAction map[den.ActionID]*record
	// byTime orders the records by the reference time of their latest DENM, see
	// timeKey: what waits longest for an update comes first. The updated ones stand where
	// they stood before, until arrange is called.
	byTime btree.Map[uint64, *record]
	// updated are the records that do not stand in their place in byTime.
	updated []*record
	// sequence knows the sequence numbers of the records.
	sequence sequence
}

// record is a record and where it stands. What an update has to know of the DENM is kept
// beside it: the DENM was made some time ago, and to look into it takes as long as to make
// the next one.
type record struct {
	den.Record
	action   den.ActionID
	detected den.Timestamp // the detection time
	latest   uint64        // its timeKey
	place    uint64        // the key of the record in byTime
	updated  int           // its index in updated plus 1; 0 when it is not there
}

// is gives the record its latest version.
func (r *record) is(d *den.DENM) {
	r.DENM = d
	r.action, r.detected, r.latest = d.Management.ActionID, d.Management.DetectionTime, timeKey(d)
}

var _ den.Store = (*DenStore)(nil)

// New returns an empty store.
func New(order PairOrder) *DenStore {
	return &DenStore{
		order:    order,
		byPair:   make(map[pair]*record),
		byAction: make(map[den.ActionID]*record),
	}
}

// Upsert implements [den.Store]. An update takes O(1), a new record O(log n).
func (s *DenStore) Upsert(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.pairOf(p.Key())
	if r, known := s.byPair[key]; known {
		return s.update(r, p, now)
	}
	number, ok := s.sequence.take()
	if !ok {
		return nil, 0, den.ErrSequenceExhausted
	}
	d := p.DENM(den.ActionID{OriginatingStationID: p.StationID, SequenceNumber: number}, now)
	s.put(key, den.Record{Created: now, DENM: d})
	return d, den.Created, nil
}

func (s *DenStore) update(r *record, p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
	if p.DetectionTime < r.detected {
		return nil, 0, den.ErrStale
	}
	if s.order == Canonical {
		if opened, _ := r.DENM.Key(); opened != p.Key() {
			p.Reversed = !p.Reversed
		}
	}
	r.is(p.DENM(r.action, den.NextReferenceTime(timeOf(r.latest), now)))
	s.noteUpdated(r)
	return r.DENM, den.Updated, nil
}

// put brings a record into the indexes.
func (s *DenStore) put(key pair, as den.Record) {
	r := &record{Record: den.Record{Created: as.Created}}
	r.is(as.DENM)
	s.byPair[key] = r
	s.byAction[r.DENM.Management.ActionID] = r
	s.putInOrder(r)
}

// Restore implements [den.Store].
func (s *DenStore) Restore(records []den.Record, next uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.byPair)
	clear(s.byAction)
	s.byTime, s.updated = btree.Map[uint64, *record]{}, nil
	s.sequence = sequence{next: next}
	byNumber := make(map[uint16]den.ActionID, len(records))
	for _, record := range records {
		id := record.DENM.Management.ActionID
		named, _ := record.DENM.Key()
		key := s.pairOf(named)
		if other, ok := s.byPair[key]; ok {
			s.remove(other)
		}
		if other, ok := byNumber[id.SequenceNumber]; ok && s.byAction[other] != nil {
			s.remove(s.byAction[other])
		}
		byNumber[id.SequenceNumber] = id
		s.sequence.use(id.SequenceNumber)
		s.put(key, record)
	}
}

// pair is a den.Key in a form that has no gaps, of which a map finds its hash in a step.
type pair struct{ reference, target uint64 }

func (s *DenStore) pairOf(k den.Key) pair {
	if s.order == Canonical {
		k = k.Canonical()
	}
	return pair{
		reference: uint64(k.ReferenceStation)<<16 | uint64(k.ReferenceObject),
		target:    uint64(k.TargetStation)<<16 | uint64(k.TargetObject),
	}
}

// Lookup implements [den.Store]. It takes O(1).
func (s *DenStore) Lookup(id den.ActionID) (den.Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.byAction[id]
	if !ok {
		return den.Record{}, false
	}
	return r.Record, true
}

// Remove implements [den.Store]. It takes O(log n).
func (s *DenStore) Remove(id den.ActionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.byAction[id]
	if ok {
		s.remove(r)
	}
	return ok
}

// remove takes a record out of the indexes.
func (s *DenStore) remove(r *record) {
	id := r.DENM.Management.ActionID
	key, _ := r.DENM.Key()
	delete(s.byPair, s.pairOf(key))
	delete(s.byAction, id)
	s.removeFromOrder(r)
	s.sequence.release(id.SequenceNumber)
}

// Len implements [den.Store].
func (s *DenStore) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byPair)
}
