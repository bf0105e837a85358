package den_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

var errPermanent = fmt.Errorf("%w: wrong password", den.ErrPermanent)

// Run pauses longer after every failed Receive, and then goes on.
func TestReceiveFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach)
		r.sendPairs(1)
		r.x.FailReceive(5, errDown)
		start := time.Now()
		run := r.start()
		for len(r.x.Published()) == 0 {
			time.Sleep(time.Millisecond)
		}
		// 10, 20, 40, 80 and 160 ms, each at least half and at most whole.
		if took := time.Since(start); took < 155*time.Millisecond || took > 311*time.Millisecond {
			t.Errorf("five failures took %v; want 155ms..310ms", took)
		}
		run.stop()
		if n := r.Stats().ReceiveErrors; n != 5 {
			t.Errorf("%d failed Receives are counted; want 5", n)
		}
		log.want(t, "WARN", `WARN receive failed; trying again error="the network is down"`)
		log.want(t, "INFO", "INFO receive works again failures=5 duration=…")
	})
}

// A failure that lasts is tried again every RetryInterval at most, and a
// shutdown does not wait for the pause.
func TestReceiveFailsForLong(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, func(c *den.Config) { c.RetryInterval = time.Minute })
		r.x.FailReceive(1000000, errDown)
		run := r.start()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := r.Stats().ReceiveErrors; n < 60 || n > 140 {
			t.Errorf("Receive failed %d times in an hour; want once or twice a minute", n)
		}
		stopped := time.Now()
		run.stop()
		if took := time.Since(stopped); took != 0 {
			t.Errorf("Run returned after %v; want at once", took)
		}
	})
}

// The pause after one failure is short again when something worked between.
func TestPublishFailsNowAndThen(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		run := r.start()
		for i := range 10 {
			r.x.FailPublish(1, errDown)
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
			time.Sleep(11 * time.Millisecond)
			synctest.Wait()
			if n := len(r.x.Published()); n != i+1 {
				t.Fatalf("after %d failures, %d DENMs are published", i+1, n)
			}
		}
		run.stop()
		r.wantGrowing()
	})
}

func TestPermanentFailureStopsRun(t *testing.T) {
	for _, row := range []struct {
		name    string
		edit    func(*den.Config)
		fail    func(r *rig)
		pending int
	}{
		{"receive", nil, func(r *rig) { r.x.FailReceive(1, errPermanent) }, 0},
		{"commit", nil, func(r *rig) { r.x.FailPublish(1, errPermanent); r.sendPairs(2) }, 2},
		{"publish", inTwoSteps, func(r *rig) { r.x.FailPublish(1, errPermanent); r.sendPairs(2) }, 2},
		{"cleanup", nil, func(r *rig) { r.collide(1001, 1002); r.x.FailPublish(1, errPermanent) }, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				edit := row.edit
				if edit == nil {
					edit = func(*den.Config) {}
				}
				r := newRig(t, edit)
				row.fail(r)
				err := r.Run(t.Context(), r.x)
				wantError(t, err, den.ErrPermanent)
				if want := "den: run interrupted: permanent failure: wrong password"; err.Error() != want {
					t.Errorf("Run returned %q; want %q", err, want)
				}
				if n := r.x.Pending(); n != row.pending {
					t.Errorf("%d inputs are left; want %d", n, row.pending)
				}
				if s := r.Stats(); s.PublishErrors+s.ReceiveErrors != 1 {
					t.Errorf("publish errors %d, receive errors %d; want 1 in total", s.PublishErrors, s.ReceiveErrors)
				}
			})
		})
	}
}

// What was in hand when a permanent failure came is delivered to the next Run.
func TestRunAfterPermanentFailure(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(1))
		r.sendPairs(3)
		r.x.FailPublish(1, errPermanent)
		wantError(t, r.Run(t.Context(), r.x), den.ErrPermanent)
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2")
		r.wantSettled()
	})
}

// oneBatch is a Subscriber that delivers given inputs once, after a failure if
// it has one.
type oneBatch struct {
	inputs  []den.Input
	failure error
	done    bool
}

func (s *oneBatch) Receive(context.Context, int, time.Duration) (den.Batch, error) {
	if err := s.failure; err != nil {
		s.failure = nil
		return nil, err
	}
	if s.done {
		return nil, den.ErrEndOfInput
	}
	s.done = true
	return s, nil
}

func (s *oneBatch) Inputs() []den.Input     { return s.inputs }
func (*oneBatch) Reject(int, error)         {}
func (*oneBatch) Ack(context.Context) error { return nil }
func (*oneBatch) Release()                  {}

// An input that the transport lost is an ERROR in the log: nobody sends it again.
func TestLostInput(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach, inTwoSteps)
		lost := fmt.Errorf("%w: trimmed", den.ErrInputLost)
		sub := &oneBatch{inputs: []den.Input{
			{ID: "7-0", Attempt: 2, Err: lost},
			{ID: "8-0", Attempt: 1, Event: den.Event{Collisions: dentest.Collisions(dentest.Now(), 1001, 1002)}},
		}}
		if err := r.Run(t.Context(), sub); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0")
		if s := r.Stats(); s.Lost != 1 || s.Rejected != 0 {
			t.Errorf("lost %d, rejected %d; want 1, 0", s.Lost, s.Rejected)
		}
		log.want(t, "ERROR", `ERROR input lost input=7-0 error="input lost: trimmed"`)
	})
}

// TestUpdatesReadInAStallComeBeforeCancellations: an update that waited behind a
// stall is as good as one that came in time, so the event goes on.
func TestUpdatesReadInAStallComeBeforeCancellations(t *testing.T) {
	for range 20 { // the order in which a select sees two things is random
		dentest.Bubble(t, func(t *testing.T) {
			r := newRig(t, batchesOf(1))
			run := r.start()
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1, 2))
			synctest.Wait()
			resume := r.x.Stall()
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 3, 4)) // this one stalls
			time.Sleep(2 * time.Second)
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1, 2))
			synctest.Wait()
			resume()
			synctest.Wait()
			r.wantPublished("new 3000001/0", "new 3000001/1", "update 3000001/0", "cancel 3000001/1")
			run.stop()
		})
	}
}

// TestOutageOutlastsTheWarning: what would be over when it gets out is not sent,
// and its input is acknowledged.
func TestOutageOutlastsTheWarning(t *testing.T) {
	for _, edit := range []func(*den.Config){func(*den.Config) {}, inTwoSteps} {
		dentest.Bubble(t, func(t *testing.T) {
			r := newRig(t, edit)
			r.x.FailPublish(1_000_000, errDown)
			run := r.start()
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1, 2))
			time.Sleep(10 * time.Minute)
			r.x.FailPublish(0, nil)
			time.Sleep(10 * time.Second)
			r.wantPublished()
			if r.x.Pending() != 0 || r.Stats().Dropped != 1 || r.Stats().Active != 0 {
				t.Errorf("pending %d, %+v", r.x.Pending(), r.Stats())
			}
			run.stop()
		})
	}
}

// TestPanicOfThePublisherIsNotSwallowed: it reaches the caller of Run, whose
// reader would else wait for ever to hand over the next batch.
func TestPanicOfThePublisherIsNotSwallowed(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(1), func(c *den.Config) {
			c.Publisher = den.PublisherFunc(func(context.Context, []*den.DENM) error { panic("a bug") })
		})
		r.sendPairs(5)
		defer func() {
			if recover() != "a bug" {
				t.Error("the panic did not come out")
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_ = r.Run(ctx, r.x)
	})
}
