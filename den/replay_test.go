package den_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// faultyReplay is a transport whose Replay does what a test wants first.
type faultyReplay struct {
	*dentest.Transport
	before func(ctx context.Context) error
}

func (p faultyReplay) Replay(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
	if err := p.before(ctx); err != nil {
		// Half of the journal came, and will come again.
		_ = p.Transport.Replay(context.WithoutCancel(ctx), span, published, func(*den.DENM) {})
		return err
	}
	return p.Transport.Replay(ctx, span, published, received)
}

// journalOnly makes the Publisher one that is a Replayer and nothing else.
func journalOnly(c *den.Config) {
	x := c.Publisher.(*dentest.Transport)
	c.Publisher = struct {
		den.PublisherFunc
		den.Replayer
	}{x.Publish, x}
}

// replayFails makes the next n calls of Replay fail.
func replayFails(n int, err error) func(*den.Config) {
	return func(c *den.Config) {
		c.Publisher = faultyReplay{c.Publisher.(*dentest.Transport), func(context.Context) error {
			if n == 0 {
				return nil
			}
			n--
			return err
		}}
	}
}

// The journal is read until that succeeds, and nothing is received before: to a
// service that does not know the open events every update would be a new event.
func TestReplayFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002, 1003)
		r.acknowledged(dentest.Negation(r.last(), 9))
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		log := new(logLines)
		next := r.successor(replayFails(4, errDown), log.attach)
		run := next.start()
		if n := len(r.x.Published()); n != 2 || next.Stats().Arrays != 0 {
			t.Errorf("%d DENMs are published, and %d arrays were looked at, before the journal was read", n, next.Stats().Arrays)
		}
		time.Sleep(200 * time.Millisecond)
		r.wantPublished("new 3000001/0", "new 3000001/1", "update 3000001/0")
		run.stop()
		log.want(t, "WARN", `WARN replay failed; trying again error="the network is down"`)
		log.want(t, "INFO", "INFO replay works again failures=4 duration=…",
			"INFO records recovered active=1 expired=0 replayed=2 duration=…")
	})
}

// A journal that can never be read ends Run: it must not work without.
func TestReplayFailsForEver(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, replayFails(1, errPermanent))
		r.sendPairs(1)
		err := r.Run(t.Context(), r.x)
		wantError(t, err, den.ErrPermanent)
		if want := "den: recover interrupted: permanent failure: wrong password"; err.Error() != want {
			t.Errorf("Run returned %q; want %q", err, want)
		}
		r.wantPublished()
	})
}

// Run ends with its context also while it reads the journal, and while it waits to
// try again. Nothing was received, so nothing is left in hand.
func TestStoppedInReplay(t *testing.T) {
	for _, row := range []struct {
		name   string
		before func(ctx context.Context) error
	}{
		{"reading", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		{"waiting", func(context.Context) error { return errDown }},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				log := new(logLines)
				r := newRig(t, func(c *den.Config) { c.Publisher = faultyReplay{c.Publisher.(*dentest.Transport), row.before} }, log.attach)
				r.sendPairs(1)
				run := r.start()
				time.Sleep(10 * time.Second)
				stopped := time.Now()
				run.stop()
				if took := time.Since(stopped); took != 0 {
					t.Errorf("Run returned after %v; want at once", took)
				}
				if n := r.x.Pending(); n != 1 {
					t.Errorf("%d inputs are left; want 1", n)
				}
				if n := len(log.of("WARN")); n > 1 || row.name == "reading" && n > 0 {
					t.Errorf("the log says %q; a shutdown is no failure", log.of("WARN"))
				}
			})
		})
	}
}

// A direct call waits until the journal is read. What it published in between
// would be missing there, and its number would be given to another event.
func TestDirectCallWaitsForTheRecovery(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		resume := make(chan struct{})
		next := r.another(func(c *den.Config) {
			c.Publisher = faultyReplay{c.Publisher.(*dentest.Transport), func(context.Context) error { <-resume; return nil }}
		})
		run := next.start()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantError(t, next.HandleCollisions(ctx, dentest.Collisions(dentest.Now(), 8, 9)), context.DeadlineExceeded)
		var caller sync.WaitGroup
		caller.Go(func() { next.collide(8, 9) })
		synctest.Wait()
		close(resume)
		caller.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1")
		if n := next.Stats().Active; n != 2 {
			t.Errorf("%d events are open; want 2", n)
		}
		run.stop()
	})
}
