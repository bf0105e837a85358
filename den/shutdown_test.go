package den_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// The batch that is being published and the one that was read ahead are
// finished; what was not read stays where it is.
func TestShutdownDrains(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(1))
		resume := r.x.Stall()
		r.sendPairs(3)
		run := r.start()
		run.cancel()
		time.Sleep(500 * time.Millisecond)
		resume()
		if drained := run.interrupted(); !drained {
			t.Error("not drained")
		}
		r.wantPublished("new 3000001/0", "new 3000001/1")
		if n := r.x.Pending(); n != 1 {
			t.Errorf("%d inputs are left; want the one that was not read", n)
		}
	})
}

// A publisher that stalls for ever does not hold up the shutdown. The inputs
// stay unacknowledged and are handled by the next Run. What was not published is
// not in the journal, so the event that the first Run opened in vain is new again.
func TestShutdownTimeout(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(1), func(c *den.Config) { c.ShutdownTimeout = 300 * time.Millisecond })
		resume := r.x.Stall()
		r.sendPairs(3)
		run := r.start()
		stopped := time.Now()
		run.cancel()
		if drained := run.interrupted(); drained {
			t.Error("drained is true, but nothing could be published")
		}
		if took := time.Since(stopped); took != 300*time.Millisecond {
			t.Errorf("Run returned after %v; want ShutdownTimeout, 300ms", took)
		}
		r.wantPublished()
		if n := r.x.Pending(); n != 3 {
			t.Errorf("%d inputs are left; want 3", n)
		}

		resume()
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		r.wantSettled()
		if s := r.Stats(); s.Created != 4 || s.Updated != 0 || s.Active != 3 {
			t.Errorf("created %d, updated %d, active %d; want 4, 0, 3", s.Created, s.Updated, s.Active)
		}
		r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2")
	})
}

// The timeout bounds a cleanup that stalls, a direct call that stalls while Run
// waits for its turn, and a failure that lasts.
func TestShutdownTimeoutBoundsEverything(t *testing.T) {
	for _, row := range []struct {
		name  string
		block func(r *rig) (resume func())
	}{
		{"cleanup_stalls", func(r *rig) func() {
			r.collide(1001, 1002)
			resume := r.x.Stall()
			time.Sleep(2 * time.Second)
			return resume
		}},
		{"direct_call_stalls", func(r *rig) func() {
			resume := r.x.Stall()
			go r.HandleCollisions(r.t.Context(), dentest.Collisions(dentest.Now(), 1001, 1002))
			synctest.Wait()
			r.sendPairs(1)
			return resume
		}},
		{"outage", func(r *rig) func() {
			r.x.FailPublish(1000000, errDown)
			r.sendPairs(1)
			return func() {}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				run := r.start()
				resume := row.block(r)
				synctest.Wait()
				stopped := time.Now()
				run.cancel()
				if drained := run.interrupted(); drained {
					t.Error("drained is true, but nothing could be published")
				}
				if took := time.Since(stopped); took != 5*time.Second {
					t.Errorf("Run returned after %v; want ShutdownTimeout, 5s", took)
				}
				resume()
				synctest.Wait()
			})
		})
	}
}

// deafSubscriber does not return when its context ends, which is its right.
type deafSubscriber struct{ *dentest.Queue }

func (s deafSubscriber) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	return s.Queue.Receive(context.WithoutCancel(ctx), most, wait)
}

// Run waits for the last Receive, and handles what it brings.
func TestShutdownWaitsForReceive(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		run := r.startOn(deafSubscriber{r.x.Queue}) // its first Receive waits 250 ms
		run.cancel()
		time.Sleep(200 * time.Millisecond)
		r.sendPairs(2)
		if drained := run.interrupted(); !drained {
			t.Error("not drained")
		}
		r.wantPublished("new 3000001/0", "new 3000001/1")
		r.wantSettled()
	})
}

// What Receive brings after the timeout is given back.
func TestShutdownGivesBackWhatComesTooLate(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, func(c *den.Config) { c.ShutdownTimeout = 50 * time.Millisecond })
		r.collide(1001, 1002)
		resume := r.x.Stall()
		run := r.startOn(deafSubscriber{r.x.Queue}) // it waits 250 ms each time
		time.Sleep(1100 * time.Millisecond)         // the cleanup stalls
		run.cancel()
		time.Sleep(100 * time.Millisecond)
		r.sendPairs(1)
		start := time.Now()
		if drained := run.interrupted(); drained {
			t.Error("drained is true, but the cleanup was cut off")
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("Run returned %v after the input came; want at once: nobody handles it any more", took)
		}
		resume()
		batch, err := r.x.Receive(t.Context(), 10, time.Second)
		if err != nil || batch == nil || batch.Inputs()[0].Attempt != 2 {
			t.Errorf("the input is not delivered again: %v, %v", batch, err)
		}
	})
}

func TestInterruptError(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002, 1003)
		ctx, cancel := context.WithCancelCause(t.Context())
		result := make(chan error)
		go func() { result <- r.Run(ctx, r.x) }()
		synctest.Wait()
		reason := errors.New("signal: terminated")
		cancel(reason)
		err := <-result
		wantError(t, err, reason)
		if got, want := err.Error(), "den: run interrupted: signal: terminated"; got != want {
			t.Errorf("the text is %q; want %q", got, want)
		}

		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime})).Info("stopped", "error", err)
		want := `level=INFO msg=stopped error.op=run error.cause="signal: terminated" error.drained=true error.active=2` + "\n"
		if got := log.String(); got != want {
			t.Errorf("the log line is\n%swant\n%s", got, want)
		}
	})
}

func TestRunWithDeadline(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		wantError(t, r.Run(ctx, r.x), context.DeadlineExceeded)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("Run returned after %v; want 1m0s", took)
		}
	})
}
