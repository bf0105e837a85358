package den_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

const ourStation den.StationID = 3000001

var errDown = errors.New("the network is down")

// rig is a service between an input and an output in memory. It is made inside a
// bubble: the end of the bubble proves that no goroutine is left.
type rig struct {
	t *testing.T
	*den.DenService
	store *denstore.DenStore
	x     *dentest.Transport
}

func newRig(t *testing.T, edits ...func(*den.Config)) *rig {
	t.Helper()
	return newRigOn(t, dentest.NewTransport(), edits...)
}

func newRigOn(t *testing.T, x *dentest.Transport, edits ...func(*den.Config)) *rig {
	t.Helper()
	r := &rig{t: t, store: denstore.New(denstore.AsSent), x: x}
	cfg := den.Config{StationID: ourStation, Store: r.store, Publisher: r.x}
	for _, edit := range edits {
		edit(&cfg)
	}
	service, err := den.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.DenService = service
	return r
}

// another returns a service as another process on the same streams has it: with
// an empty store.
func (r *rig) another(edits ...func(*den.Config)) *rig {
	r.t.Helper()
	return newRigOn(r.t, r.x.Join(), edits...)
}

// successor returns the service of the process that follows when this one crashed:
// what it had in hand is delivered again.
func (r *rig) successor(edits ...func(*den.Config)) *rig {
	r.t.Helper()
	r.x.Reopen()
	return r.another(edits...)
}

// inTwoSteps makes the Publisher one that is no Committer.
func inTwoSteps(c *den.Config) { c.Publisher = den.PublisherFunc(c.Publisher.Publish) }

func cancelOnNegation(c *den.Config) { c.CancelOnNegation = true }

// collide brings in an array of this moment that must be accepted.
func (r *rig) collide(reference den.StationID, targets ...den.StationID) {
	r.t.Helper()
	if err := r.HandleCollisions(r.t.Context(), dentest.Collisions(dentest.Now(), reference, targets...)); err != nil {
		r.t.Fatalf("HandleCollisions: %v", err)
	}
}

// cleanup takes one step that must succeed.
func (r *rig) cleanup() time.Duration {
	r.t.Helper()
	next, err := r.Cleanup(r.t.Context())
	if err != nil {
		r.t.Fatalf("Cleanup: %v", err)
	}
	return next
}

// last returns the DENM that was published last.
func (r *rig) last() *den.DENM {
	r.t.Helper()
	denms := r.x.Published()
	if len(denms) == 0 {
		r.t.Fatal("nothing was published")
	}
	return denms[len(denms)-1]
}

// wantPublished checks what was published so far: "new", "update" or "cancel",
// and the sequence number.
func (r *rig) wantPublished(want ...string) {
	r.t.Helper()
	if got := told(r.x.Published()); !slices.Equal(got, want) {
		r.t.Errorf("published:\n%q; want\n%q", got, want)
	}
}

// told puts DENMs into words. It takes the first with an action id for new.
func told(denms []*den.DENM) []string {
	known := make(map[den.ActionID]bool)
	var words []string
	for _, d := range denms {
		id := d.Management.ActionID
		word := "new "
		if known[id] {
			word = "update "
		}
		if d.Is(den.IsCancellation) {
			word = "cancel "
		}
		known[id] = true
		words = append(words, word+id.String())
	}
	return words
}

// wantGrowing checks that the reference time of every action id grows from DENM
// to DENM.
func (r *rig) wantGrowing() {
	r.t.Helper()
	last := make(map[den.ActionID]den.Timestamp)
	for i, d := range r.x.Published() {
		m := d.Management
		if m.ReferenceTime <= last[m.ActionID] {
			r.t.Errorf("DENM %d of %v has the reference time %v, after %v", i, m.ActionID, m.ReferenceTime, last[m.ActionID])
		}
		last[m.ActionID] = m.ReferenceTime
	}
}

func wantError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("the error is %v; want %v", got, want)
	}
}

func TestCollisionsBecomeDENMs(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		detected := dentest.Now().Add(-200 * time.Millisecond)
		if err := r.HandleCollisions(t.Context(), dentest.Collisions(detected, 1001, 1002, 1003, 1004)); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2")
		for i, d := range r.x.Published() {
			pair, _ := d.Key()
			if want := (den.Key{ReferenceStation: 1001, TargetStation: den.StationID(1002 + i)}); pair != want {
				t.Errorf("DENM %d is about %v; want %v: in the order of the array", i, pair, want)
			}
			m := d.Management
			if d.StationID != ourStation || m.ActionID.OriginatingStationID != ourStation {
				t.Errorf("the stations are %d and %d; want our own, %d", d.StationID, m.ActionID.OriginatingStationID, ourStation)
			}
			if m.DetectionTime != detected || m.ReferenceTime != dentest.Now() {
				t.Errorf("detected at %v, made at %v; want %v, %v", m.DetectionTime, m.ReferenceTime, detected, dentest.Now())
			}
			// 2.4 s to the collision, and 1 s without updates until we would cancel it.
			if got := m.ValidityDuration; got != den.Some[uint32](4) {
				t.Errorf("valid for %v s; want 4", got)
			}
		}

		time.Sleep(300 * time.Millisecond)
		r.collide(1001, 1003)
		r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2", "update 3000001/1")
	})
}

func TestUpdatesInOneMillisecond(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		for range 3 {
			r.collide(1001, 1002)
		}
		r.wantPublished("new 3000001/0", "update 3000001/0", "update 3000001/0")
		r.wantGrowing()
	})
}

func TestClockSetBack(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var back time.Duration
		r := newRig(t, func(c *den.Config) { c.Now = func() time.Time { return time.Now().Add(-back) } })
		detected := dentest.Now()
		for _, back = range []time.Duration{0, 3 * time.Second, time.Second} {
			if err := r.HandleCollisions(t.Context(), dentest.Collisions(detected, 1001, 1002)); err != nil {
				t.Fatal(err)
			}
		}
		r.wantGrowing()
	})
}

// One pair is refused, and the others of the array go on.
func TestStalePair(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		err := r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now()-1, 1001, 1002, 1003))
		wantError(t, err, den.ErrStale)
		var pair *den.PairError
		if !errors.As(err, &pair) || pair.Pair != (den.Key{ReferenceStation: 1001, TargetStation: 1002}) {
			t.Errorf("the error %v does not name the pair", err)
		}
		r.wantPublished("new 3000001/0", "new 3000001/1")
		if s := r.Stats(); s.Stale != 1 || s.Active != 2 {
			t.Errorf("stale %d, active %d; want 1, 2", s.Stale, s.Active)
		}
	})
}

func TestArrayLimitsInTime(t *testing.T) {
	for _, row := range []struct {
		name     string
		detected time.Duration // from now
		want     error
	}{
		{"last_valid_moment", -4000 * time.Millisecond, nil},
		{"too_late", -4001 * time.Millisecond, den.ErrTooLate},
		{"most_skew", 5 * time.Second, nil},
		{"future", 5001 * time.Millisecond, den.ErrFuture},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				err := r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now().Add(row.detected), 1001, 1002))
				wantError(t, err, row.want)
				if published := len(r.x.Published()) == 1; published != (row.want == nil) || published != (r.store.Len() == 1) {
					t.Errorf("published %v, %d records; the error is %v", published, r.store.Len(), err)
				}
			})
		})
	}
}

// A warning that comes too late does not touch the record that is there.
func TestTooLateForARecord(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		before := r.store.Expired(dentest.Now()+1, 0, 1)
		time.Sleep(5 * time.Second)
		wantError(t, r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now()-4001, 1001, 1002)), den.ErrTooLate)
		if after := r.store.Expired(dentest.Now()+1, 0, 1); !slices.Equal(after, before) {
			t.Errorf("the record was %v and is %v", before, after)
		}
	})
}

func TestInvalidArray(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		c := dentest.Collisions(dentest.Now(), 1001, 1002)
		c.Stations[1].Speed.Value = 20000
		for _, c := range []*den.StationCollisions{c, nil} {
			var field *den.FieldError
			if err := r.HandleCollisions(t.Context(), c); !errors.As(err, &field) {
				t.Errorf("the error is %v; want a FieldError", err)
			}
		}
		r.wantPublished()
	})
}

func TestAllSequenceNumbersInUse(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		const perArray = 128
		for i := range den.StationID(den.MaxRecords / perArray) {
			var targets []den.StationID
			for j := range den.StationID(perArray) {
				targets = append(targets, 1000+i*perArray+j)
			}
			r.collide(1, targets...)
		}
		if n := r.store.Len(); n != den.MaxRecords {
			t.Fatalf("%d records are open; want %d", n, den.MaxRecords)
		}

		err := r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now(), 1, 1000, 999, 1001))
		wantError(t, err, den.ErrSequenceExhausted)
		var pair *den.PairError
		if !errors.As(err, &pair) || pair.Pair.TargetStation != 999 {
			t.Errorf("the error %v does not name the pair", err)
		}
		got := r.x.Published()[den.MaxRecords:]
		if len(got) != 2 || got[0].Management.ActionID.SequenceNumber != 0 || got[1].Management.ActionID.SequenceNumber != 1 {
			t.Errorf("the other pairs became %q; want updates of 3000001/0 and 3000001/1", told(got))
		}
		if s := r.Stats(); s.Exhausted != 1 || s.Created != den.MaxRecords || s.Updated != 2 {
			t.Errorf("exhausted %d, created %d, updated %d; want 1, 65536, 2", s.Exhausted, s.Created, s.Updated)
		}
	})
}

// What failed to be published is published anew by the next call.
func TestPublishFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.x.FailPublish(1, errDown)
		c := dentest.Collisions(dentest.Now(), 1001, 1002)
		wantError(t, r.HandleCollisions(t.Context(), c), errDown)
		if err := r.HandleCollisions(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0")
		if s := r.Stats(); s.Created != 1 || s.Updated != 1 || s.PublishErrors != 1 {
			t.Errorf("created %d, updated %d, publish errors %d; want 1 each", s.Created, s.Updated, s.PublishErrors)
		}
	})
}

// Many goroutines update a few pairs while publishing takes its time. What was
// applied first must be published first, or receivers discard it.
func TestOrderOfConcurrentCalls(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var r *rig
		r = newRig(t, func(c *den.Config) {
			c.Publisher = den.PublisherFunc(func(ctx context.Context, denms []*den.DENM) error {
				time.Sleep(time.Millisecond)
				return r.x.Publish(ctx, denms)
			})
		})
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() {
				for i := range 20 {
					switch i % 5 {
					case 4:
						_, _ = r.Cleanup(t.Context())
					default:
						_ = r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now(), 1001, 1002, 1003))
					}
				}
			})
		}
		callers.Wait()
		r.wantGrowing()
		if s := r.Stats(); s.Created+s.Updated != uint64(len(r.x.Published())) || s.Created+s.Updated+s.Stale != 2*8*16 {
			t.Errorf("%+v do not add up to %d DENMs", s, len(r.x.Published()))
		}
	})
}

func TestWaitingCallerReturnsWithItsContext(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		resume := r.x.Stall()
		var first sync.WaitGroup
		first.Go(func() { r.collide(1001, 1002) })
		synctest.Wait()

		start := time.Now()
		for _, call := range []func(context.Context) error{
			func(ctx context.Context) error {
				return r.HandleCollisions(ctx, dentest.Collisions(dentest.Now(), 1001, 1003))
			},
			func(ctx context.Context) error { return r.HandleDENM(ctx, new(den.DENM)) },
			func(ctx context.Context) error { _, err := r.Cleanup(ctx); return err },
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			wantError(t, call(ctx), context.DeadlineExceeded)
			cancel()
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("three calls with a second each took %v", waited)
		}
		r.Stats() // never waits

		time.Sleep(time.Hour)
		resume()
		first.Wait()
		r.wantPublished("new 3000001/0")
	})
}

func TestEndedContextChangesNothing(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errDown)
		for range 50 { // a select would choose at random
			wantError(t, r.HandleCollisions(ctx, dentest.Collisions(dentest.Now(), 1001, 1002)), errDown)
		}
		if n := r.store.Len(); n != 0 {
			t.Errorf("%d records are open; want none", n)
		}
	})
}
