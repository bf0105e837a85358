package den_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

var errStore = errors.New("the disk is full")

// faultyStore is a store that fails where a test wants it.
type faultyStore struct {
	*denstore.DenStore
	fails func(target den.StationID) error
}

func (s faultyStore) Upsert(p den.Prediction, now den.Timestamp) (*den.DENM, den.Change, error) {
	if err := s.fails(p.Target.StationID); err != nil {
		return nil, 0, err
	}
	return s.DenStore.Upsert(p, now)
}

func storeFails(fails func(target den.StationID) error) func(*den.Config) {
	return func(c *den.Config) { c.Store = faultyStore{denstore.New(denstore.AsSent), fails} }
}

// storeFailsOn makes the store fail on one target, always.
func storeFailsOn(bad den.StationID, err error) func(*den.Config) {
	return storeFails(func(target den.StationID) error {
		if target == bad {
			return err
		}
		return nil
	})
}

// A Store that fails is tried again, and only with what it failed on: the DENMs
// come once, in their order.
func TestStoreFailsForAWhile(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		failures := 3
		r := newRig(t, log.attach, storeFails(func(target den.StationID) error {
			if target == 1003 && failures > 0 {
				failures--
				return errStore
			}
			return nil
		}))
		run := r.start()
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002, 1003, 1004))
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 8, 9))
		time.Sleep(100 * time.Millisecond)
		var targets []den.StationID
		for _, d := range r.x.Published() {
			pair, _ := d.Key()
			targets = append(targets, pair.TargetStation)
		}
		if got := fmt.Sprint(targets); got != "[1002 1004 1003 9]" {
			t.Errorf("the targets of the DENMs are %v; want 1002 and 1004, 1003 when it works, then 9", got)
		}
		if s := r.Stats(); s.StoreErrors != 3 || s.Rejected != 0 || s.Arrays != 2 || s.Created != 4 || s.Updated != 0 {
			t.Errorf("store errors %d, rejected %d, arrays %d, created %d, updated %d; want 3, 0, 2, 4, 0",
				s.StoreErrors, s.Rejected, s.Arrays, s.Created, s.Updated)
		}
		run.stop()
		r.wantSettled()
		log.want(t, "WARN", `WARN apply failed; trying again error.reason="the disk is full" error.pair=1001:0-1003:0`)
		log.want(t, "INFO", "INFO apply works again failures=3 duration=…")
	})
}

// An input that the Store keeps failing on is rejected with the reason. The other
// pairs of the array go out, and the inputs behind it are not held up.
func TestStoreFailsOnOnePair(t *testing.T) {
	for _, row := range []struct {
		name     string
		edit     func(*den.Config)
		failure  error
		attempts uint64
	}{
		{"committer", func(*den.Config) {}, errStore, 5},
		{"in_two_steps", inTwoSteps, errStore, 5},
		{"one_attempt", func(c *den.Config) { c.MaxAttempts = 1 }, errStore, 1},
		{"permanent", func(*den.Config) {}, fmt.Errorf("%w: %w", errStore, den.ErrPermanent), 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, row.edit, storeFailsOn(1003, row.failure))
				run := r.start()
				r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002, 1003, 1004))
				r.x.SendCollisions(dentest.Collisions(dentest.Now(), 8, 9))
				time.Sleep(500 * time.Millisecond)
				r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2")
				r.wantSettled()
				if rejected := r.x.Rejected(); len(rejected) != 1 || rejected[0].ID != "1" || !errors.Is(rejected[0].Err, errStore) {
					t.Errorf("rejected: %v; want the first input, with the error of the store", rejected)
				}
				if s := r.Stats(); s.StoreErrors != row.attempts || s.Rejected != 1 || s.Created != 3 {
					t.Errorf("store errors %d, rejected %d, created %d; want %d, 1, 3", s.StoreErrors, s.Rejected, s.Created, row.attempts)
				}
				run.stop()
			})
		})
	}
}

// When Run has to end while the Store fails, nothing is rejected, and what was
// received is delivered again.
func TestStoppedWhileTheStoreFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, storeFailsOn(1003, errStore), func(c *den.Config) {
			c.MaxAttempts, c.ShutdownTimeout = 100, 300*time.Millisecond
		})
		run := r.start()
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002, 1003))
		synctest.Wait()
		stopped := time.Now()
		run.cancel()
		if drained := run.interrupted(); drained {
			t.Error("drained is true, but an input is in hand")
		}
		if took := time.Since(stopped); took != 300*time.Millisecond {
			t.Errorf("Run returned after %v; want ShutdownTimeout, 300ms", took)
		}
		r.wantPublished()
		if r.x.Pending() != 1 || len(r.x.Rejected()) != 0 || r.Stats().Rejected != 0 {
			t.Errorf("%d inputs are left, %d rejected; want 1, 0", r.x.Pending(), len(r.x.Rejected()))
		}

		run = r.successor().start()
		r.wantPublished("new 3000001/0", "new 3000001/1")
		run.stop()
	})
}

// A negation that was applied before the Store failed does not lose its
// cancellation, when Run has to end there and there is no journal.
func TestNegationBeforeTheStoreFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, inTwoSteps, cancelOnNegation, storeFailsOn(1003, errStore), func(c *den.Config) {
			c.MaxAttempts, c.ShutdownTimeout = 100, 300*time.Millisecond
		})
		r.collide(1001, 1002)
		r.x.Send(dentest.Event(nil, dentest.Negation(r.last(), 9)),
			dentest.Event(dentest.Collisions(dentest.Now(), 1001, 1003), nil))
		run := r.start()
		run.cancel()
		run.interrupted()
		r.wantPublished("new 3000001/0")
		run = r.start() // the negation comes again, and finds nothing
		time.Sleep(100 * time.Millisecond)
		run.cancel()
		run.interrupted()
		r.cleanup()
		r.wantPublished("new 3000001/0", "cancel 3000001/0")
	})
}

// A direct call gets the error of the Store for the pair, and the other pairs go
// out.
func TestDirectCallWhileTheStoreFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, storeFailsOn(1003, errStore))
		err := r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now(), 1001, 1002, 1003, 1004))
		wantError(t, err, errStore)
		var pair *den.PairError
		if !errors.As(err, &pair) || pair.Pair.TargetStation != 1003 {
			t.Errorf("the error %v does not name the pair", err)
		}
		r.wantPublished("new 3000001/0", "new 3000001/1")
		if s := r.Stats(); s.StoreErrors != 1 || s.Arrays != 1 {
			t.Errorf("store errors %d, arrays %d; want 1 each", s.StoreErrors, s.Arrays)
		}
	})
}
