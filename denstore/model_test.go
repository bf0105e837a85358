package denstore

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

const (
	ourStation  den.StationID = 3000001
	start       den.Timestamp = 1772442900000 // 2026-03-02T09:15:00Z
	updateDelay               = time.Second
	checkMost                 = 5 * time.Second
)

// model is a store that anybody can check by reading: one slice, searched from
// the front.
type model struct {
	order   PairOrder
	records []modelRecord
	next    uint16
}

type modelRecord struct {
	number                 uint16
	pair                   den.Key
	created, made, noticed den.Timestamp
	versions               int
}

func (m *model) find(pair den.Key) *modelRecord {
	for i := range m.records {
		r := &m.records[i]
		if r.pair == pair || m.order == Canonical && r.pair == pair.Reversed() {
			return r
		}
	}
	return nil
}

func (m *model) inUse(number uint16) bool {
	return slices.ContainsFunc(m.records, func(r modelRecord) bool { return r.number == number })
}

func (m *model) upsert(pair den.Key, detected, now den.Timestamp) (modelRecord, error) {
	if r := m.find(pair); r != nil {
		if detected < r.noticed {
			return modelRecord{}, den.ErrStale
		}
		r.made, r.noticed = max(now, r.made+1), detected
		r.versions++
		return *r, nil
	}
	for m.inUse(m.next) {
		m.next++
	}
	r := modelRecord{number: m.next, pair: pair, created: now, made: now, noticed: detected, versions: 1}
	m.next++
	m.records = append(m.records, r)
	return r, nil
}

func (m *model) remove(number uint16) bool {
	n := len(m.records)
	m.records = slices.DeleteFunc(m.records, func(r modelRecord) bool { return r.number == number })
	return len(m.records) < n
}

// oldestFirst returns the records in the order of their latest versions.
func (m *model) oldestFirst() []modelRecord {
	return slices.SortedFunc(slices.Values(m.records), func(a, b modelRecord) int {
		return cmp.Or(cmp.Compare(a.made, b.made), cmp.Compare(a.number, b.number))
	})
}

func (m *model) expired(now den.Timestamp, most int) []modelRecord {
	due := slices.DeleteFunc(m.oldestFirst(), func(r modelRecord) bool { return now.Sub(r.made) <= updateDelay })
	return due[:min(most, len(due))]
}

func (m *model) nextCheck(now den.Timestamp) time.Duration {
	wait := checkMost
	for _, r := range m.records {
		wait = min(wait, max(r.made.Sub(now)+updateDelay+time.Millisecond, 0))
	}
	return wait
}

// restore replaces the records: of two with one pair or number, the later one stays.
func (m *model) restore(records []modelRecord, next uint16) {
	m.records, m.next = nil, next
	for _, r := range records {
		if same := m.find(r.pair); same != nil {
			m.remove(same.number)
		}
		m.remove(r.number)
		m.records = append(m.records, r)
	}
}

// machine drives a store and the model with the same steps.
type machine struct {
	*rapid.T
	store    *DenStore
	model    model
	now      den.Timestamp
	versions map[*den.DENM]string // all that were ever returned, as they were
}

func TestStoreAgainstModel(t *testing.T) {
	for _, order := range []PairOrder{AsSent, Canonical} {
		t.Run(order.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				next := rapid.SampledFrom([]uint16{0, 65530, 65534}).Draw(t, "next")
				m := &machine{
					T: t, store: New(order), now: start,
					model:    model{order: order, next: next},
					versions: make(map[*den.DENM]string),
				}
				m.store.sequence.next = next
				t.Repeat(map[string]func(*rapid.T){
					"Upsert":    m.upsert,
					"Update":    m.update,
					"Remove":    m.remove,
					"Expire":    m.expire,
					"NextCheck": m.nextCheck,
					"All":       m.all,
					"Restore":   m.restore,
					"Sleep":     m.sleep,
					"SkipAhead": m.skipAhead,
					"":          m.check,
				})
			})
		})
	}
}

// party draws one of a few road users, so that pairs meet again, either way
// round.
func party(t *rapid.T, name string) (den.StationID, den.Optional[den.ObjectID]) {
	station := den.StationID(rapid.IntRange(1, 4).Draw(t, name))
	object := rapid.SampledFrom([]den.Optional[den.ObjectID]{{}, den.Some[den.ObjectID](0), den.Some[den.ObjectID](7)})
	return station, object.Draw(t, name+" object")
}

func (m *machine) upsert(t *rapid.T) {
	detected := m.now.Add(time.Duration(rapid.IntRange(-30, 3).Draw(t, "detected")) * 100 * time.Millisecond)
	c := dentest.Collisions(detected, 1, 2)
	reference, target := &c.Stations[0], &c.Stations[1]
	reference.StationID, reference.ObjectID = party(t, "reference")
	target.StationID, target.ObjectID = party(t, "target")
	m.predict(t, predict(detected, reference, target))
}

// update is upsert for a pair that has a record: of chance alone the same pair hardly ever
// comes twice before somebody asks for the order of time.
func (m *machine) update(t *rapid.T) {
	if len(m.model.records) == 0 {
		t.Skip("there is no record")
	}
	r := rapid.SampledFrom(m.model.records).Draw(t, "record")
	c := dentest.Collisions(r.noticed.Add(time.Duration(rapid.IntRange(-1, 9).Draw(t, "later"))*100*time.Millisecond), 1, 2)
	reference, target := &c.Stations[0], &c.Stations[1]
	reference.StationID, reference.ObjectID = r.pair.ReferenceStation, den.Some(r.pair.ReferenceObject)
	target.StationID, target.ObjectID = r.pair.TargetStation, den.Some(r.pair.TargetObject)
	m.predict(t, predict(c.DetectionTime, reference, target))
}

func (m *machine) predict(t *rapid.T, p den.Prediction) {
	d, change, err := m.store.Upsert(p, m.now)
	want, wantErr := m.model.upsert(p.Key(), p.DetectionTime, m.now)
	if !errors.Is(err, wantErr) {
		t.Fatalf("Upsert: error %v; want %v", err, wantErr)
	}
	if err != nil {
		return
	}
	if created := want.versions == 1; created != (change == den.Created) {
		t.Fatalf("Upsert: %v; the record has %d versions", change, want.versions)
	}
	m.wantSame(den.Record{Created: want.created, DENM: d}, want)
	m.versions[d] = string(d.AppendJSON(nil))
}

func (m *machine) remove(t *rapid.T) {
	number := m.model.next - 1 // of a record or of none
	if len(m.model.records) > 0 {
		number = rapid.SampledFrom(m.model.records).Draw(t, "record").number + uint16(rapid.IntRange(0, 1).Draw(t, "besides"))
	}
	id := den.ActionID{OriginatingStationID: ourStation, SequenceNumber: number}
	if got, want := m.store.Remove(id), m.model.remove(number); got != want {
		t.Fatalf("Remove(%v) = %v; want %v", id, got, want)
	}
}

// expire removes what is due, as a service does.
func (m *machine) expire(t *rapid.T) {
	most := rapid.IntRange(0, 4).Draw(t, "most")
	got, want := m.store.Expired(m.now, updateDelay, most), m.model.expired(m.now, most)
	if len(got) != len(want) {
		t.Fatalf("Expired returned %d records; want %d", len(got), len(want))
	}
	for i, r := range got {
		m.wantSame(r, want[i])
		if !m.store.Remove(r.DENM.Management.ActionID) || !m.model.remove(want[i].number) {
			t.Fatalf("%v has expired but cannot be removed", r)
		}
	}
}

// nextCheck is not part of check: asking may change how the store holds its records, and
// must not always come before the other steps.
func (m *machine) nextCheck(t *rapid.T) {
	most := rapid.SampledFrom([]time.Duration{0, 300 * time.Millisecond, checkMost}).Draw(t, "most")
	if got, want := m.store.NextCheck(m.now, updateDelay, most), min(m.model.nextCheck(m.now), most); got != want {
		t.Fatalf("NextCheck is %v; want %v", got, want)
	}
}

func (m *machine) all(t *rapid.T) {
	got, want := slices.Collect(m.store.All()), m.model.oldestFirst()
	if len(got) != len(want) {
		t.Fatalf("All has %d records; want %d", len(got), len(want))
	}
	for i, r := range got {
		m.wantSame(r, want[i])
	}
}

func (m *machine) sleep(t *rapid.T) {
	m.now += den.Timestamp(rapid.SampledFrom([]int{1, 400, 1000, 1001, 6000, -50, -3000}).Draw(t, "ms"))
}

// skipAhead gives out numbers until one is left before the wrap, as an hour of
// traffic would.
func (m *machine) skipAhead(*rapid.T) { m.store.sequence.next, m.model.next = 65535, 65535 }

// restore brings in what another store may have held before a crash, some pairs
// and numbers twice.
func (m *machine) restore(t *rapid.T) {
	var records []den.Record
	var want []modelRecord
	made := m.now - 3000
	for range rapid.IntRange(0, 6).Draw(t, "records") {
		made += den.Timestamp(rapid.SampledFrom([]int{0, 1, 700}).Draw(t, "later by"))
		c := dentest.Collisions(made-100, 1, 2)
		reference, target := &c.Stations[0], &c.Stations[1]
		reference.StationID, reference.ObjectID = party(t, "reference")
		target.StationID, target.ObjectID = party(t, "target")
		p := predict(c.DetectionTime, reference, target)
		number := m.model.next + uint16(rapid.IntRange(-3, 3).Draw(t, "number"))
		r := modelRecord{number: number, pair: p.Key(), created: made - 500, made: made, noticed: c.DetectionTime, versions: 2}
		id := den.ActionID{OriginatingStationID: ourStation, SequenceNumber: number}
		want = append(want, r)
		d := p.DENM(id, made)
		records = append(records, den.Record{Created: r.created, DENM: d})
		m.versions[d] = string(d.AppendJSON(nil))
	}
	next := m.model.next + uint16(rapid.IntRange(-3, 3).Draw(t, "next"))
	m.store.Restore(records, next)
	m.model.restore(want, next)
}

func (m *machine) check(t *rapid.T) {
	checkInvariants(t, m.store)
	if got, want := m.store.Len(), len(m.model.records); got != want {
		t.Fatalf("Len is %d; want %d", got, want)
	}
	for _, want := range m.model.records {
		got, ok := m.store.Lookup(den.ActionID{OriginatingStationID: ourStation, SequenceNumber: want.number})
		if !ok {
			t.Fatalf("the record %d is not found", want.number)
		}
		m.wantSame(got, want)
	}
	for d, was := range m.versions {
		if is := string(d.AppendJSON(nil)); is != was {
			t.Fatalf("a DENM that was returned has changed from\n%s\nto\n%s", was, is)
		}
	}
}

func (m *machine) wantSame(got den.Record, want modelRecord) {
	pair, _ := got.DENM.Key()
	g := got.DENM.Management
	if g.ActionID.SequenceNumber != want.number || g.ReferenceTime != want.made || g.DetectionTime != want.noticed ||
		got.Created != want.created || pair != want.pair {
		m.Fatalf("the record is %v, created %v, detected %v; want %+v", got, got.Created, g.DetectionTime, want)
	}
}

var template = den.DefaultTemplate()

func predict(detected den.Timestamp, reference, target *den.StationCollision) den.Prediction {
	return den.Prediction{
		StationID: ourStation, Template: &template, Linger: 3 * time.Second,
		DetectionTime: detected, Reference: reference, Target: target,
	}
}
