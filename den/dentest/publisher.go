package dentest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

// ErrReplyLost is the error of a Publish or Commit that did its work and was
// told to lose the reply.
var ErrReplyLost = errors.New("dentest: reply lost")

// Publisher is a den.Publisher that keeps what it publishes. The zero Publisher
// is ready for use.
type Publisher struct {
	mu        sync.Mutex // guards everything below
	published []arrival
	failures  int // that many calls fail without doing anything
	failure   error
	lost      int           // that many calls do their work and lose the reply
	stalled   chan struct{} // not nil while calls stall; closed to resume
}

var _ den.Publisher = (*Publisher)(nil)

// Publish implements den.Publisher.
func (p *Publisher) Publish(ctx context.Context, denms []*den.DENM) error {
	return p.attempt(ctx, func() error {
		for _, d := range denms {
			p.add(d)
		}
		return nil
	})
}

// add publishes a DENM. The caller holds the lock.
func (p *Publisher) add(d *den.DENM) { p.published = append(p.published, arrival{d, time.Now()}) }

// Published returns what was published so far, in order.
func (p *Publisher) Published() []*den.DENM {
	p.mu.Lock()
	defer p.mu.Unlock()
	var denms []*den.DENM
	for _, a := range p.published {
		denms = append(denms, a.denm)
	}
	return denms
}

// FailPublish makes the next n calls of Publish or Commit return err and do
// nothing.
func (p *Publisher) FailPublish(n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures, p.failure = n, err
}

// LoseReplies makes the next n calls of Publish or Commit do their work and
// return ErrReplyLost all the same.
func (p *Publisher) LoseReplies(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = n
}

// Stall makes calls of Publish and Commit wait, until their context ends or the
// returned function is called.
func (p *Publisher) Stall() (resume func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	stalled := make(chan struct{})
	p.stalled = stalled
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stalled = nil
		close(stalled)
	})
}

// attempt does the work as the faults allow. The work runs with the lock held.
func (p *Publisher) attempt(ctx context.Context, work func() error) error {
	if err := p.wait(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failures > 0 {
		p.failures--
		return p.failure
	}
	if err := work(); err != nil {
		return err
	}
	if p.lost > 0 {
		p.lost--
		return ErrReplyLost
	}
	return nil
}

// wait sits out a stall. It holds no lock meanwhile.
func (p *Publisher) wait(ctx context.Context) error {
	p.mu.Lock()
	stalled := p.stalled
	p.mu.Unlock()
	if stalled == nil {
		return ctx.Err()
	}
	select {
	case <-stalled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
