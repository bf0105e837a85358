package dentest

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/denstore"
)

// brokenStore is a good store with some methods replaced.
type brokenStore struct {
	*denstore.DenStore
	upsert    func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error)
	lookup    func(id den.ActionID) (den.Record, bool)
	remove    func(id den.ActionID) bool
	expired   func(now den.Timestamp, delay time.Duration, most int) []den.Record
	nextCheck func(now den.Timestamp, delay, most time.Duration) time.Duration
	restore   func(records []den.Record, next uint16)
	len       func() int
}

func (s *brokenStore) Upsert(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
	if s.upsert != nil {
		return s.upsert(p, now)
	}
	return s.DenStore.Upsert(p, now)
}

func (s *brokenStore) Lookup(id den.ActionID) (den.Record, bool) {
	if s.lookup != nil {
		return s.lookup(id)
	}
	return s.DenStore.Lookup(id)
}

func (s *brokenStore) Remove(id den.ActionID) bool {
	if s.remove != nil {
		return s.remove(id)
	}
	return s.DenStore.Remove(id)
}

func (s *brokenStore) Expired(now den.Timestamp, delay time.Duration, most int) []den.Record {
	if s.expired != nil {
		return s.expired(now, delay, most)
	}
	return s.DenStore.Expired(now, delay, most)
}

func (s *brokenStore) NextCheck(now den.Timestamp, delay, most time.Duration) time.Duration {
	if s.nextCheck != nil {
		return s.nextCheck(now, delay, most)
	}
	return s.DenStore.NextCheck(now, delay, most)
}

func (s *brokenStore) Restore(records []den.Record, next uint16) {
	if s.restore != nil {
		s.restore(records, next)
	} else {
		s.DenStore.Restore(records, next)
	}
}

func (s *brokenStore) Len() int {
	if s.len != nil {
		return s.len()
	}
	return s.DenStore.Len()
}

// breakStore holds, for every rule of the store, how a store can break it.
var breakStore = map[string]func(good *denstore.DenStore, s *brokenStore){
	"next_number": func(good *denstore.DenStore, s *brokenStore) { // the lowest free number
		var used [den.MaxRecords]bool
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			d, change, err := good.Upsert(p, now)
			if change == den.Created {
				d = renumbered(d, uint16(slices.Index(used[:], false)))
				used[d.Management.ActionID.SequenceNumber] = true
			}
			return d, change, err
		}
		s.remove = func(id den.ActionID) bool {
			used[id.SequenceNumber] = false
			return true
		}
	},
	"wrap": func(good *denstore.DenStore, s *brokenStore) { // 65535 is never used
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			d, change, err := good.Upsert(p, now)
			if err == nil && d.Management.ActionID.SequenceNumber == 65535 {
				d = renumbered(d, 0)
			}
			return d, change, err
		}
	},
	"exhausted": func(good *denstore.DenStore, s *brokenStore) { // makes room instead
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			d, change, err := good.Upsert(p, now)
			if errors.Is(err, den.ErrSequenceExhausted) {
				oldest := good.Expired(now.Add(time.Hour), 0, 1)[0]
				good.Remove(oldest.DENM.Management.ActionID)
				return good.Upsert(p, now)
			}
			return d, change, err
		}
	},
	"update_keeps_action_id": func(good *denstore.DenStore, s *brokenStore) { // every update is a new event
		last := make(map[den.Key]den.ActionID)
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			change := den.Created
			if id, known := last[p.Key()]; known && good.Remove(id) {
				change = den.Updated
			}
			d, _, err := good.Upsert(p, now)
			if err == nil {
				last[p.Key()] = d.Management.ActionID
			}
			return d, change, err
		}
	},
	"reference_time_is_now": func(good *denstore.DenStore, s *brokenStore) { // the detection time instead
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			return good.Upsert(p, p.DetectionTime-10)
		}
	},
	"reference_time_grows": func(good *denstore.DenStore, s *brokenStore) { // simply now
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			d, change, err := good.Upsert(p, now)
			if err == nil {
				d.Management.ReferenceTime = now
			}
			return d, change, err
		}
	},
	"stale_refused": func(good *denstore.DenStore, s *brokenStore) { // forges the detection time
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			d, change, err := good.Upsert(p, now)
			if errors.Is(err, den.ErrStale) {
				p.DetectionTime = now
				return good.Upsert(p, now)
			}
			return d, change, err
		}
	},
	"equal_detection_time_updates": func(good *denstore.DenStore, s *brokenStore) { // <= instead of <
		last := make(map[den.Key]den.Timestamp)
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			if at, known := last[p.Key()]; known && p.DetectionTime <= at {
				return nil, 0, den.ErrStale
			}
			last[p.Key()] = p.DetectionTime
			return good.Upsert(p, now)
		}
	},
	"object_zero_is_the_station": func(good *denstore.DenStore, s *brokenStore) { // null is something else
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			target := *p.Target
			if !target.ObjectID.Valid {
				target.ObjectID = den.Some[den.ObjectID](65535)
			}
			p.Target = &target
			return good.Upsert(p, now)
		}
	},
	"returned_denms_stay": func(good *denstore.DenStore, s *brokenStore) { // one DENM for all versions
		var kept *den.DENM
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			d, change, err := good.Upsert(p, now)
			if kept != nil && err == nil {
				*kept = *d
				return kept, change, nil
			}
			kept = d
			return d, change, err
		}
	},
	"lookup": func(good *denstore.DenStore, s *brokenStore) { // forgets when the event began
		s.lookup = func(id den.ActionID) (den.Record, bool) {
			r, ok := good.Lookup(id)
			if ok {
				r.Created = r.DENM.Management.ReferenceTime
			}
			return r, ok
		}
	},
	"remove": func(good *denstore.DenStore, s *brokenStore) { // does not look whether there is one
		s.remove = func(id den.ActionID) bool { good.Remove(id); return true }
	},
	"len": func(good *denstore.DenStore, s *brokenStore) { // counts what was ever opened
		all := make(map[den.ActionID]bool)
		s.len = func() int {
			for r := range good.All() {
				all[r.DENM.Management.ActionID] = true
			}
			return len(all)
		}
	},
	"expired_strict": func(good *denstore.DenStore, s *brokenStore) { // >= instead of >
		s.expired = func(now den.Timestamp, delay time.Duration, most int) []den.Record {
			return good.Expired(now+1, delay, most)
		}
	},
	"expired_order": func(good *denstore.DenStore, s *brokenStore) { // as a map would give them
		s.expired = func(now den.Timestamp, delay time.Duration, most int) []den.Record {
			list := good.Expired(now, delay, most)
			slices.Reverse(list)
			return list
		}
	},
	"expired_limit": func(good *denstore.DenStore, s *brokenStore) { // all of them
		s.expired = func(now den.Timestamp, delay time.Duration, _ int) []den.Record {
			return good.Expired(now, delay, den.MaxRecords)
		}
	},
	"next_check": func(good *denstore.DenStore, s *brokenStore) { // a millisecond early
		s.nextCheck = func(now den.Timestamp, delay, most time.Duration) time.Duration {
			return max(good.NextCheck(now, delay, most)-time.Millisecond, 0)
		}
	},
	"restore": func(good *denstore.DenStore, s *brokenStore) { // takes the latest version for the first
		s.restore = func(records []den.Record, next uint16) {
			records = slices.Clone(records)
			for i := range records {
				records[i].Created = records[i].DENM.Management.ReferenceTime
			}
			good.Restore(records, next)
		}
	},
	"restore_due": func(good *denstore.DenStore, s *brokenStore) { // waits for an update of what was restored
		restored := make(map[*den.DENM]bool)
		s.restore = func(records []den.Record, next uint16) {
			for _, r := range records {
				restored[r.DENM] = true
			}
			good.Restore(records, next)
		}
		s.expired = func(now den.Timestamp, delay time.Duration, most int) []den.Record {
			due := slices.DeleteFunc(good.Expired(now, delay, den.MaxRecords), func(r den.Record) bool { return restored[r.DENM] })
			return due[:min(most, len(due))]
		}
	},
	"restore_replaces": func(good *denstore.DenStore, s *brokenStore) { // adds
		s.restore = func(records []den.Record, next uint16) {
			good.Restore(slices.AppendSeq(slices.Clone(records), good.All()), next)
		}
	},
	"restore_next": func(good *denstore.DenStore, s *brokenStore) { // begins again
		s.restore = func(records []den.Record, _ uint16) { good.Restore(records, 0) }
	},
	"restore_duplicates": func(good *denstore.DenStore, s *brokenStore) { // first come, first served
		s.restore = func(records []den.Record, next uint16) {
			records = slices.Clone(records)
			slices.Reverse(records)
			good.Restore(records, next)
		}
	},
	"concurrent": func(good *denstore.DenStore, s *brokenStore) { // gives up when somebody else is at work
		var mu sync.Mutex
		s.upsert = func(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
			if !mu.TryLock() {
				return nil, 0, errors.New("busy")
			}
			defer mu.Unlock()
			runtime.Gosched()
			return good.Upsert(p, now)
		}
	},
}

func renumbered(d *den.DENM, number uint16) *den.DENM {
	c := *d
	c.Management.ActionID.SequenceNumber = number
	return &c
}

func TestStoreRulesFail(t *testing.T) {
	rules := slices.Concat(restoreRules, storeRules)
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			wantFailure(t, rule.why, func(t testing.TB) {
				good := denstore.New(denstore.AsSent)
				s := &brokenStore{DenStore: good}
				breakStore[rule.name](good, s)
				rule.test(t, s)
			})
		})
	}
	if len(breakStore) != len(rules) {
		t.Errorf("there are broken stores for %v only", slices.Sorted(maps.Keys(breakStore)))
	}
}
