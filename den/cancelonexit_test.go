package den_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

func cancelOnExit(c *den.Config) { c.CancelOnExit, c.BatchSize = true, 2 }

// With CancelOnExit all open events are cancelled when the context ends, a batch
// at a time, also when publishing fails now and then. What was in hand is
// finished before, and its events are cancelled too.
func TestCancelOnExit(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(*den.Config)
		fail func(x *dentest.Transport)
	}{
		{"nothing_fails", func(*den.Config) {}, func(*dentest.Transport) {}},
		{"in_two_steps", inTwoSteps, func(*dentest.Transport) {}},
		{"publish_fails", func(*den.Config) {}, func(x *dentest.Transport) { x.FailPublish(3, errDown) }},
		{"replies_are_lost", func(*den.Config) {}, func(x *dentest.Transport) { x.LoseReplies(4) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, cancelOnExit, row.edit)
				run := r.start()
				r.collide(1001, 1002, 1003, 1004, 1005)
				time.Sleep(500 * time.Millisecond)
				resume := r.x.Stall()
				r.sendPairs(1)
				synctest.Wait()
				run.cancel()
				synctest.Wait()
				row.fail(r.x)
				resume()
				if drained := run.interrupted(); !drained {
					t.Error("not drained")
				}
				r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2", "new 3000001/3", "new 3000001/4",
					"cancel 3000001/0", "cancel 3000001/1", "cancel 3000001/2", "cancel 3000001/3", "cancel 3000001/4")
				if s := r.Stats(); s.Cancelled != 5 || s.Active != 0 {
					t.Errorf("cancelled %d, active %d; want 5, 0", s.Cancelled, s.Active)
				}
				r.wantSettled()
				r.wantGrowing()
			})
		})
	}
}

// The cancellations have no more time than the rest of the shutdown. Then Run says
// that it was too short, and what is open stays open.
func TestCancelOnExitIsBounded(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnExit, func(c *den.Config) { c.ShutdownTimeout = 300 * time.Millisecond })
		run := r.start()
		r.collide(1001, 1002, 1003)
		r.x.FailPublish(1000000, errDown)
		stopped := time.Now()
		run.cancel()
		err := <-run.result
		wantError(t, err, den.ErrShutdownTimeout)
		wantError(t, err, context.Canceled)
		if took := time.Since(stopped); took != 300*time.Millisecond {
			t.Errorf("Run returned after %v; want ShutdownTimeout, 300ms", took)
		}
		r.wantPublished("new 3000001/0", "new 3000001/1")
		if s := r.Stats(); s.Cancelled != 0 || s.Active != 2 {
			t.Errorf("cancelled %d, active %d; want 0, 2", s.Cancelled, s.Active)
		}
	})
}

// At the end of the input nothing is cancelled: the recording is over, and not the
// danger.
func TestCancelOnExitNotAtTheEndOfInput(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnExit)
		r.sendPairs(1)
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0")
	})
}

// Who was fenced cancels nothing: the events are another owner's.
func TestCancelOnExitNotWhenFenced(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnExit)
		run := r.start()
		second := r.another(cancelOnExit)
		waits := second.start()
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		synctest.Wait()
		r.x.Depose()
		synctest.Wait()
		r.wantPublished("new 3000001/0")
		if s := r.Stats(); s.PublishErrors != 0 {
			t.Errorf("%d times it tried to publish, which it must not", s.PublishErrors)
		}
		run.cancel()
		waits.cancel()
		run.interrupted()
		waits.interrupted()
		r.wantPublished("new 3000001/0", "cancel 3000001/0") // by the one that works in the end
	})
}

// An event whose validity is over by then ends silently.
func TestCancelOnExitOfAnEventThatIsOver(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnExit)
		old := dentest.Collisions(dentest.Now().Add(-3500*time.Millisecond), 8, 9) // valid for 4 s
		if err := r.HandleCollisions(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		run := r.start()
		time.Sleep(501 * time.Millisecond)
		run.stop()
		r.wantPublished("new 3000001/0")
		if s := r.Stats(); s.Expired != 1 || s.Active != 0 {
			t.Errorf("expired %d, active %d; want 1, 0", s.Expired, s.Active)
		}
	})
}

// A cancellation that could not be published before is not forgotten, though its
// record is gone.
func TestCancelOnExitTakesWhatIsLeft(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnExit, cancelOnNegation, inTwoSteps)
		r.collide(1001, 1002)
		r.x.SendDENM(dentest.Negation(r.last(), 9))
		r.x.FailPublish(1, errPermanent)
		wantError(t, r.Run(t.Context(), r.x), den.ErrPermanent)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantError(t, r.Run(ctx, r.x), context.Canceled)
		r.wantPublished("new 3000001/0", "cancel 3000001/0")
	})
}
