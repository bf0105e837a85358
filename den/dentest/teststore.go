package dentest

import (
	"slices"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

// TestStore tests whether a den.Store keeps its contract. Each rule is a
// subtest on a store of its own, which open returns empty; a failure prints why
// the rule exists.
//
// The last two rules, wrap and exhausted, fill the store with all of its 65 536
// records, and give up on a store that takes minutes for it. Run the tests with
// the race detector too: one rule uses the store from many goroutines.
func TestStore(t *testing.T, open func() den.Store) {
	for _, rule := range slices.Concat(restoreRules, storeRules) {
		t.Run(rule.name, func(t *testing.T) { rule.test(t, open()) })
	}
}

// storeRule is one rule of the contract, and why it exists.
type storeRule struct {
	name  string
	why   string
	check func(s *storeTest)
}

// test needs no more of t than a recorder in a test of the rules can give.
func (r storeRule) test(t testing.TB, store den.Store) {
	t.Helper()
	defer explain(t, r.why)
	r.check(&storeTest{TB: t, Store: store, now: firstTime, started: time.Now()})
}

// explain is deferred, so that it runs after a Fatal too.
func explain(t testing.TB, why string) {
	t.Helper()
	if t.Failed() {
		t.Log("the rule: " + why)
	}
}

// firstTime is when the clock of a storeTest begins, 2026-03-02T09:15:00Z.
const firstTime den.Timestamp = 1772442900000

// ourStation sends the DENMs of the suites.
const ourStation den.StationID = 3000001

// storeTest is a store and a clock, with steps that must succeed.
type storeTest struct {
	testing.TB
	den.Store
	now     den.Timestamp
	started time.Time // of the rule, by the real clock
}

// mustBeFast gives up on a store that would take minutes to fill.
func (s *storeTest) mustBeFast(records int) {
	s.Helper()
	if took := time.Since(s.started); took > 30*time.Second {
		s.Fatalf("%d records took %v: does Upsert look through all records instead of finding the pair in a map?",
			records, took.Round(time.Second))
	}
}

// prediction is that station 1 is about to collide with the target.
func prediction(target den.StationID, detected den.Timestamp) den.Prediction {
	template := den.DefaultTemplate()
	c := Collisions(detected, 1, target)
	return den.Prediction{
		StationID: ourStation, Template: &template, Linger: 3 * time.Second,
		DetectionTime: detected, Reference: &c.Stations[0], Target: &c.Stations[1],
	}
}

// create opens a record and returns its DENM.
func (s *storeTest) create(target den.StationID) *den.DENM {
	s.Helper()
	return s.change(den.Created, target)
}

// update gives the pair's record a new version and returns it.
func (s *storeTest) update(target den.StationID) *den.DENM {
	s.Helper()
	return s.change(den.Updated, target)
}

func (s *storeTest) change(want den.Change, target den.StationID) *den.DENM {
	s.Helper()
	d, change, err := s.Upsert(prediction(target, s.now), s.now)
	if err != nil || change != want {
		s.Fatalf("Upsert of the pair with station %d: got %v, error %v; want %v", target, change, err, want)
	}
	return d
}

// refuse brings in a prediction that the store must refuse with the error want
// and without changing anything.
func (s *storeTest) refuse(p den.Prediction, want error) {
	s.Helper()
	before := s.records()
	d, _, err := s.Upsert(p, s.now)
	s.wantError(err, want)
	if d != nil {
		s.Errorf("a refused Upsert returned the DENM %v; want nil", d.Management.ActionID)
	}
	if after := s.records(); !slices.Equal(before, after) {
		s.Errorf("a refused Upsert changed the records from %d to %d or their versions", len(before), len(after))
	}
}

func (s *storeTest) remove(d *den.DENM) {
	s.Helper()
	if !s.Remove(d.Management.ActionID) {
		s.Fatalf("Remove(%v) = false; want true, the record was there", d.Management.ActionID)
	}
}

// records returns all records: in a day, all of them will have expired.
func (s *storeTest) records() []den.Record {
	return s.Expired(s.now.Add(24*time.Hour), 0, den.MaxRecords)
}

// sleep moves the clock.
func (s *storeTest) sleep(d time.Duration) { s.now = s.now.Add(d) }

func (s *storeTest) wantReferenceTime(d *den.DENM, want den.Timestamp) {
	s.Helper()
	if got := d.Management.ReferenceTime; got != want {
		s.Errorf("the reference time is %v; want %v", got, want)
	}
}

func (s *storeTest) wantNumber(d *den.DENM, want uint16) {
	s.Helper()
	id := den.ActionID{OriginatingStationID: ourStation, SequenceNumber: want}
	if d.Management.ActionID != id {
		s.Fatalf("the action id is %v; want %v", d.Management.ActionID, id)
	}
}

func (s *storeTest) wantExpired(delay time.Duration, most int, want ...*den.DENM) {
	s.Helper()
	var got []*den.DENM
	for _, r := range s.Expired(s.now, delay, most) {
		got = append(got, r.DENM)
	}
	if !slices.Equal(got, want) {
		s.Errorf("Expired after %v, at most %d, returned %v; want %v", delay, most, ids(got), ids(want))
	}
}

func ids(denms []*den.DENM) []den.ActionID {
	var list []den.ActionID
	for _, d := range denms {
		list = append(list, d.Management.ActionID)
	}
	return list
}
