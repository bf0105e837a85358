package den_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// repeatedEvery makes the service repeat, and keep events open for longer than that
// takes.
func repeatedEvery(interval, duration time.Duration) func(*den.Config) {
	return func(c *den.Config) {
		c.RepetitionInterval, c.RepetitionDuration = interval, duration
		c.LastUpdateMaxDelay = 10 * time.Second
	}
}

// wantTransmissions checks how often the DENM was published so far.
func (r *rig) wantTransmissions(d *den.DENM, want int) {
	r.t.Helper()
	n := 0
	for _, published := range r.x.Published() {
		if published == d {
			n++
		}
	}
	if n != want {
		r.t.Errorf("%v of %v was published %d times; want %d", d.Management.ReferenceTime, d.Management.ActionID, n, want)
	}
}

// A DENM is repeated on a transport that knows nothing of repetitions, too, and without
// Run.
func TestRepetitionStepByStep(t *testing.T) {
	for name, edit := range map[string]func(*den.Config){"committer": func(*den.Config) {}, "publisher": inTwoSteps} {
		t.Run(name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, repeatedEvery(300*time.Millisecond, time.Second), edit)
				r.collide(1001, 1002)
				d := r.last()
				for i, want := range []int{1, 2, 3, 4, 4} {
					if next := r.cleanup(); i < 3 && next != 300*time.Millisecond {
						t.Errorf("the next step is due after %v; want 300ms", next)
					}
					r.wantTransmissions(d, want)
					time.Sleep(300 * time.Millisecond)
				}
				if n := r.Stats().Repeated; n != 3 {
					t.Errorf("%d repetitions are counted; want 3", n)
				}
			})
		})
	}
}

// What was missed while nothing could be done is not made up for.
func TestRepetitionAfterAStall(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, repeatedEvery(100*time.Millisecond, 5*time.Second))
		r.collide(1001, 1002)
		time.Sleep(time.Second)
		r.cleanup()
		r.cleanup()
		r.wantTransmissions(r.last(), 2)
	})
}

// A repetition that fails is due again, and is written once although its reply is lost.
func TestRepetitionFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, repeatedEvery(200*time.Millisecond, 5*time.Second))
		run := r.start()
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		synctest.Wait()
		d := r.last()
		r.x.FailPublish(2, errDown)
		time.Sleep(250 * time.Millisecond)
		r.wantTransmissions(d, 2)
		r.x.LoseReplies(2)
		time.Sleep(250 * time.Millisecond)
		r.wantTransmissions(d, 3)
		run.stop()
	})
}

// Of more DENMs than one step may publish, the others follow at once.
func TestManyRepetitions(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, repeatedEvery(200*time.Millisecond, time.Second), batchesOf(7))
		for i := range 20 {
			r.collide(1001, den.StationID(2000+i))
		}
		time.Sleep(200 * time.Millisecond)
		for _, want := range []struct {
			repeated uint64
			next     time.Duration
		}{{7, 0}, {14, 0}, {20, 200 * time.Millisecond}, {20, 200 * time.Millisecond}} {
			next := r.cleanup()
			if n := r.Stats().Repeated; n != want.repeated || next != want.next {
				t.Errorf("%d repetitions, the next step after %v; want %d, %v", n, next, want.repeated, want.next)
			}
		}
		if got := r.x.Published(); !slices.Equal(got[:20], got[20:]) {
			t.Error("they are not repeated in their order")
		}
	})
}

// The next process goes on with the repetitions, in the same rhythm.
func TestRepetitionAfterACrash(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		edit := repeatedEvery(300*time.Millisecond, time.Second)
		first := newRig(t, edit)
		first.collide(1001, 1002)
		d := first.last()
		time.Sleep(500 * time.Millisecond)
		next := first.successor(edit)
		run := next.start()
		for _, want := range []struct {
			after time.Duration
			times int
		}{{99, 1}, {1, 2}, {299, 2}, {1, 3}, {2000, 3}} {
			time.Sleep(want.after * time.Millisecond)
			synctest.Wait()
			next.wantTransmissions(d, want.times)
		}
		run.stop()
		if n := next.Stats().Recovered; n != 1 {
			t.Errorf("%d events were recovered; want 1", n)
		}
	})
}

// A repetition that reaches the journal behind the end of its event, as one that was held
// up on the network may, opens nothing again; nor does it set an event back.
func TestRepetitionHeldUp(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		ended, updated := warning(0, dentest.Now(), 1001, 1002), warning(1, dentest.Now(), 1001, 1003)
		update := warning(1, dentest.Now()+5, 1001, 1003)
		r.publish(ended, updated, ended.Cancellation(dentest.Now()+1), ended, update, updated)
		run := r.start()
		if n := r.Stats().Recovered; n != 1 {
			t.Errorf("%d events were recovered; want 1", n)
		}
		if record, _ := r.store.Lookup(update.Management.ActionID); record.DENM != update {
			t.Errorf("the record is %v; want the latest version", record)
		}
		run.stop()
	})
}

// A negated event is not repeated, nor one whose cancellation may be out.
func TestEndedEventIsNotRepeated(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, repeatedEvery(200*time.Millisecond, time.Second), cancelOnNegation)
		r.collide(1001, 1002)
		negated := r.last()
		r.collide(1001, 1003)
		doubtful := r.last()
		if err := r.HandleDENM(t.Context(), dentest.Negation(negated, 9)); err != nil {
			t.Fatal(err)
		}
		r.x.LoseReplies(1)
		wantError(t, r.HandleDENM(t.Context(), dentest.Negation(doubtful, 9)), dentest.ErrReplyLost)
		time.Sleep(200 * time.Millisecond)
		r.x.FailPublish(1, errDown)
		if _, err := r.Cleanup(t.Context()); err == nil {
			t.Error("Cleanup is done although it could not publish")
		}
		time.Sleep(200 * time.Millisecond)
		r.cleanup()
		r.wantTransmissions(negated, 1)
		r.wantTransmissions(doubtful, 1)
	})
}

// A clock that is set back does not stop the repetitions.
func TestRepetitionAfterTheClockWasSetBack(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var back time.Duration
		r := newRig(t, repeatedEvery(200*time.Millisecond, time.Second), func(c *den.Config) {
			c.Now = func() time.Time { return time.Now().Add(-back) }
		})
		r.collide(1001, 1002)
		back = time.Hour
		if next := r.nextStep(); next != 0 {
			t.Errorf("the next step is due after %v; want at once", next)
		}
		r.wantTransmissions(r.last(), 2)
	})
}

// nextStep returns when the step is due that is taken then.
func (r *rig) nextStep() time.Duration {
	before := len(r.x.Published())
	next := r.cleanup()
	if len(r.x.Published()) > before {
		return 0
	}
	return next
}

// What is remembered of DENMs that were updated before they were repeated is bounded.
func TestRepetitionsAreBounded(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, repeatedEvery(time.Hour, time.Hour))
		for range 20_000 {
			r.collide(1001, 1002)
		}
		if n := r.Repetitions(); n > 1100 {
			t.Errorf("%d repetitions wait for one open event", n)
		}
	})
}

func TestRepetitionConfig(t *testing.T) {
	for _, times := range [][2]time.Duration{{time.Microsecond, time.Second}, {time.Second, 2 * time.Hour}, {-1, 0}, {0, -1}} {
		cfg := den.Config{Store: newRig(t).store, Publisher: dentest.NewTransport()}
		cfg.RepetitionInterval, cfg.RepetitionDuration = times[0], times[1]
		if _, err := den.New(cfg); err == nil {
			t.Errorf("New takes %v", fmt.Sprint(times))
		}
	}
}

// Repetitions, direct calls and Run go on beside each other.
func TestRepetitionBesideDirectCalls(t *testing.T) {
	r := newRig(t, repeatedEvery(time.Millisecond, time.Second), func(c *den.Config) { c.LastUpdateMaxDelay = 50 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	ended := make(chan error)
	go func() { ended <- r.Run(ctx, r.x) }()
	for i := 0; ctx.Err() == nil; i++ {
		_ = r.HandleCollisions(ctx, dentest.Collisions(dentest.Now(), 1001, den.StationID(2000+i%50)))
		if i%3 == 0 {
			_, _ = r.Cleanup(ctx)
		}
	}
	wantError(t, <-ended, context.DeadlineExceeded)
	if s := r.Stats(); s.Repeated == 0 || s.Created == 0 {
		t.Errorf("%d repetitions, %d events; want some", s.Repeated, s.Created)
	}
}
