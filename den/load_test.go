package den_test

import (
	"context"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// slowPublisher takes a while for each commit, and notes when they began.
type slowPublisher struct {
	*dentest.Transport
	began []time.Time
	busy  bool
	t     *testing.T
}

const commitTime = 10 * time.Millisecond

func (p *slowPublisher) Commit(ctx context.Context, in den.Batch, outputs []den.Output) error {
	if p.busy {
		p.t.Error("two commits at once")
	}
	p.busy = true
	defer func() { p.busy = false }()
	p.began = append(p.began, time.Now())
	time.Sleep(commitTime)
	return p.Transport.Commit(ctx, in, outputs)
}

// Under full load a direct call waits for the commit that is under way, and not for the
// end of the load. Commits follow each other without a gap, and never two at once.
func TestDirectCallUnderLoad(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		x := dentest.NewTransport()
		slow := &slowPublisher{Transport: x, t: t}
		r := newRigOn(t, x, batchesOf(1), func(c *den.Config) { c.Publisher = slow })
		const n = 50
		r.sendPairs(n)
		run := r.start()
		time.Sleep(10 * commitTime)
		began := time.Now()
		r.collide(3001, 3002)
		if took := time.Since(began); took > 3*commitTime {
			t.Errorf("the call took %v", took)
		}
		time.Sleep(n * commitTime)
		run.stop()
		r.wantSettled()
		if len(slow.began) != n+1 {
			t.Errorf("%d commits; want %d", len(slow.began), n+1)
		}
		if took := slow.began[n].Sub(slow.began[0]); took != n*commitTime {
			t.Errorf("%d commits of %v took %v: there were gaps", n, commitTime, took)
		}
		if s := r.Stats(); s.Created != n+1 || s.Active != n+1 {
			t.Errorf("created %d, active %d; want %d", s.Created, s.Active, n+1)
		}
	})
}
