package den_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// stallable is the transport of a process that a test can stall: its commits
// hang, while the rest of the world goes on.
type stallable struct {
	*dentest.Transport
	stalled chan struct{} // nil or closed while the process is well
}

func (p *stallable) Commit(ctx context.Context, in den.Batch, outputs []den.Output) error {
	if p.stalled != nil {
		<-p.stalled
	}
	return p.Transport.Commit(ctx, in, outputs)
}

// One of two processes works, and the other stands by until the first one ends.
// Then it goes on where the first one was.
func TestStandby(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		first := newRig(t)
		works := first.start()
		second := first.another()
		waits := second.start()
		first.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		time.Sleep(500 * time.Millisecond)
		if s := second.Stats(); s != (den.Stats{}) {
			t.Errorf("the second one does not only stand by: %+v", s)
		}
		works.stop()
		first.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		synctest.Wait()
		first.wantPublished("new 3000001/0", "update 3000001/0")
		if s := second.Stats(); s.Recovered != 1 || s.Updated != 1 || s.Active != 1 {
			t.Errorf("recovered %d, updated %d, active %d; want 1 each", s.Recovered, s.Updated, s.Active)
		}
		waits.stop()
		first.wantSettled()
	})
}

// A process that was stalled while another one took over writes nothing of what it
// has in hand, says so once, forgets its records and stands by. When the other
// one ends it works again.
func TestFenced(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		process := new(stallable)
		first := newRig(t, log.attach, func(c *den.Config) {
			process.Transport = c.Publisher.(*dentest.Transport)
			c.Publisher = process
		})
		stalls := first.start()
		second := first.another()
		waits := second.start()
		first.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002, 1003))
		synctest.Wait()

		process.stalled = make(chan struct{})
		first.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002, 1004)) // it has this in hand
		synctest.Wait()
		first.x.Depose()
		first.x.Reopen() // what it has in hand goes to the second one
		synctest.Wait()
		want := []string{"new 3000001/0", "new 3000001/1", "update 3000001/0", "new 3000001/2"}
		first.wantPublished(want...)
		if n := second.Stats().Recovered; n != 2 {
			t.Errorf("the second one recovered %d events; want 2", n)
		}

		close(process.stalled) // it wakes up
		synctest.Wait()
		first.wantPublished(want...)
		log.want(t, "WARN", `WARN another owner has taken over; standing by error.op=run `+
			`error.cause.reason="den: another owner has taken over" error.drained=false error.active=3`)
		if n := first.Stats().Active; n != 0 {
			t.Errorf("the first one has %d open events; want none, they are the other one's", n)
		}
		wantError(t, first.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now(), 8, 9)), den.ErrFenced)
		time.Sleep(500 * time.Millisecond)
		first.wantPublished(want...)

		waits.stop()
		first.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1003))
		synctest.Wait()
		first.wantPublished(append(want, "update 3000001/1")...)
		if s := first.Stats(); s.Active != 3 || s.Recovered != 3 {
			t.Errorf("active %d, recovered %d; want 3, 3", s.Active, s.Recovered)
		}
		stalls.stop()
		first.wantSettled()
		first.wantGrowing()
	})
}

// A process that is fenced while it has nothing in hand, and whose streams nobody
// owns then, goes on at once.
func TestFencedWhileIdle(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach)
		run := r.start()
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		synctest.Wait()
		for range 3 {
			r.x.Depose()
			time.Sleep(300 * time.Millisecond)
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
			synctest.Wait()
		}
		r.wantPublished("new 3000001/0", "update 3000001/0", "update 3000001/0", "update 3000001/0")
		if n := len(log.of("WARN")); n != 3 {
			t.Errorf("%d warnings; want one each time: %q", n, log.of("WARN"))
		}
		run.stop()
	})
}

// A process that is fenced while it still reads the journal begins again.
func TestFencedInReplay(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		hangs := true
		next := r.successor(func(c *den.Config) {
			c.Publisher = faultyReplay{c.Publisher.(*dentest.Transport), func(ctx context.Context) error {
				if hangs {
					hangs = false
					<-ctx.Done()
				}
				return ctx.Err()
			}}
		})
		run := next.start()
		r.x.Depose()
		synctest.Wait()
		if n := next.Stats().Recovered; n != 1 {
			t.Errorf("%d events were recovered; want 1", n)
		}
		run.stop()
	})
}

// ownerOnly is a Publisher without a journal.
type ownerOnly struct {
	den.Committer
	den.Owner
}

// An Owner need not be a Replayer. Then nothing is known of the other one's
// events, and nothing of our own after it has taken over.
func TestOwnerWithoutJournal(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		withoutJournal := func(c *den.Config) {
			x := c.Publisher.(*dentest.Transport)
			c.Publisher = ownerOnly{x, x}
		}
		first := newRig(t, withoutJournal)
		works := first.start()
		second := first.another(withoutJournal)
		waits := second.start()
		first.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		synctest.Wait()
		works.stop()
		first.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1003))
		synctest.Wait()
		if s := second.Stats(); s.Created != 1 || s.Recovered != 0 || s.Active != 1 {
			t.Errorf("created %d, recovered %d, active %d; want 1, 0, 1", s.Created, s.Recovered, s.Active)
		}
		first.x.Depose()
		synctest.Wait()
		if n := second.Stats().Active; n != 0 {
			t.Errorf("%d events are open after another owner; want none", n)
		}
		waits.stop()
		first.wantSettled()
	})
}

// faultyOwner is a transport whose Own fails first.
type faultyOwner struct {
	*dentest.Transport
	failures *int
	failure  error
}

func (p faultyOwner) Own(ctx context.Context, work func(context.Context) error) error {
	if *p.failures > 0 {
		*p.failures--
		return p.failure
	}
	return p.Transport.Own(ctx, work)
}

func ownFails(n int, err error) func(*den.Config) {
	return func(c *den.Config) { c.Publisher = faultyOwner{c.Publisher.(*dentest.Transport), &n, err} }
}

// While it cannot be found out who owns the streams, Run tries again.
func TestOwnFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, ownFails(5, errDown), log.attach)
		r.sendPairs(1)
		start := time.Now()
		run := r.start()
		for len(r.x.Published()) == 0 {
			time.Sleep(time.Millisecond)
		}
		if took := time.Since(start); took < 155*time.Millisecond || took > 311*time.Millisecond {
			t.Errorf("five failures took %v; want pauses from 10 ms on that grow", took)
		}
		run.stop()
		log.want(t, "WARN", `WARN acquiring the streams failed; trying again error="the network is down"`)
		log.want(t, "INFO", "INFO acquiring the streams works again failures=5 duration=…")
	})
}

// An Own that can never succeed ends Run.
func TestOwnFailsForEver(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, ownFails(1, errPermanent))
		r.sendPairs(1)
		err := r.Run(t.Context(), r.x)
		wantError(t, err, den.ErrPermanent)
		if want := "den: stand by interrupted: permanent failure: wrong password"; err.Error() != want {
			t.Errorf("Run returned %q; want %q", err, want)
		}
		r.wantPublished()
	})
}

// Who stands by, or waits to ask again who owns the streams, ends at once when it
// is told to.
func TestStoppedWhileStandingBy(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(*den.Config)
	}{
		{"standing_by", func(*den.Config) {}},
		{"asking", ownFails(1000000, errDown)},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				first := newRig(t)
				works := first.start()
				log := new(logLines)
				run := first.another(row.edit, log.attach).start()
				time.Sleep(time.Hour)
				stopped := time.Now()
				run.stop()
				if took := time.Since(stopped); took != 0 {
					t.Errorf("Run returned after %v; want at once", took)
				}
				if n := len(log.of("WARN")); row.name == "standing_by" && n > 0 {
					t.Errorf("the log says %q; to be stopped is no failure", log.of("WARN"))
				}
				works.stop()
			})
		})
	}
}
