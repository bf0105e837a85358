package dentest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

// Transport is a queue and a publisher in memory that settle together: a
// den.Committer, den.Owner and den.Replayer. NewTransport makes one; Join makes
// more of them, which stand for other processes on the same streams.
type Transport struct {
	*Queue
	*Publisher
	shared *ownership
	epoch  int // in which we own the streams, 0 if we do not; shared.mu guards it
}

// ownership is what the transports of the same streams know of each other.
type ownership struct {
	// done knows the DENMs of commits without inputs; the publisher's lock
	// guards it.
	done map[version]bool

	mu     sync.Mutex // guards everything below
	epoch  int        // counts the owners
	owner  context.CancelCauseFunc
	change chan struct{} // closed when the owner goes
}

// version names a DENM among all that were ever sent.
type version struct {
	id         den.ActionID
	at         den.Timestamp
	negator    den.StationID // a negation has the times of what it negates
	repetition den.Timestamp // when it was due
}

var (
	_ den.Subscriber = (*Transport)(nil)
	_ den.Committer  = (*Transport)(nil)
	_ den.Owner      = (*Transport)(nil)
	_ den.Replayer   = (*Transport)(nil)
)

// NewTransport returns an empty transport.
func NewTransport() *Transport {
	return &Transport{
		Queue:     NewQueue(),
		Publisher: new(Publisher),
		shared:    &ownership{done: make(map[version]bool), change: make(chan struct{})},
	}
}

// Join returns a transport on the same streams for another process in the same
// role. What is received and not acknowledged stays where it is; Reopen gives it
// back.
func (t *Transport) Join() *Transport {
	return &Transport{Queue: t.Queue, Publisher: t.Publisher, shared: t.shared}
}

// Publish implements den.Publisher. Other than Commit, it knows of no repetition.
func (t *Transport) Publish(ctx context.Context, denms []*den.DENM) error {
	return t.attempt(ctx, func() error {
		if err := t.fenced(); err != nil {
			return err
		}
		for _, d := range denms {
			t.add(d)
		}
		return nil
	})
}

// Commit implements den.Committer. The batch must come from a transport on the
// same streams. Without Own it is refused while another transport owns them.
func (t *Transport) Commit(ctx context.Context, in den.Batch, outputs []den.Output) error {
	b, ok := in.(*batch)
	if in != nil && (!ok || b.queue != t.Queue) {
		return errors.New("dentest: the batch is not from this transport")
	}
	return t.attempt(ctx, func() error {
		if err := t.fenced(); err != nil {
			return err
		}
		if in == nil {
			t.commitAlone(outputs)
		} else {
			t.commitWith(b, outputs)
		}
		return nil
	})
}

func (t *Transport) commitAlone(outputs []den.Output) {
	for _, o := range outputs {
		v := version{o.DENM.Management.ActionID, o.DENM.Management.ReferenceTime, 0, o.Repetition}
		if o.DENM.Is(den.IsNegation) {
			v.negator = o.DENM.StationID
		}
		if !t.shared.done[v] {
			t.shared.done[v] = true
			t.add(o.DENM)
		}
	}
}

func (t *Transport) commitWith(b *batch, outputs []den.Output) {
	t.Queue.mu.Lock()
	defer t.Queue.mu.Unlock()
	for _, o := range outputs {
		if !b.entries[o.Input].acked {
			t.add(o.DENM)
		}
	}
	t.acknowledge(b)
}

// fenced returns an error if somebody else owns the streams.
func (t *Transport) fenced() error {
	s := t.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.epoch != s.epoch && (t.epoch != 0 || s.owner != nil) {
		return den.ErrFenced
	}
	return nil
}

// Own implements den.Owner.
func (t *Transport) Own(ctx context.Context, work func(ctx context.Context) error) error {
	for {
		owned, cancel, change := t.acquire(ctx)
		if owned != nil {
			defer cancel(nil)
			defer t.giveUp()
			return work(owned)
		}
		select {
		case <-change:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// acquire makes us the owner, or returns the channel to wait on.
func (t *Transport) acquire(ctx context.Context) (context.Context, context.CancelCauseFunc, <-chan struct{}) {
	s := t.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owner != nil || ctx.Err() != nil {
		return nil, nil, s.change
	}
	owned, cancel := context.WithCancelCause(ctx)
	s.epoch++
	t.epoch, s.owner = s.epoch, cancel
	return owned, cancel, nil
}

// giveUp ends our ownership, if it has not ended.
func (t *Transport) giveUp() {
	t.shared.mu.Lock()
	defer t.shared.mu.Unlock()
	if t.epoch == t.shared.epoch {
		t.shared.leave()
	}
	t.epoch = 0
}

// Depose ends the ownership of whoever owns the streams, as if it had been stalled
// for so long that another owner took over, and came and went.
func (t *Transport) Depose() {
	t.shared.mu.Lock()
	defer t.shared.mu.Unlock()
	if t.shared.owner != nil {
		t.shared.epoch++
		t.shared.owner(den.ErrFenced)
		t.shared.leave()
	}
}

// leave lets the next owner in. The caller holds the lock.
func (s *ownership) leave() {
	s.owner = nil
	close(s.change)
	s.change = make(chan struct{})
}

// Replay implements den.Replayer.
func (t *Transport) Replay(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	since := time.Now().Add(-span)
	t.Publisher.mu.Lock()
	out := t.published
	t.Publisher.mu.Unlock()
	t.Queue.mu.Lock()
	in := t.acked
	t.Queue.mu.Unlock()
	for i, a := range out {
		if !a.at.Before(since) || i == len(out)-1 {
			published(a.denm)
		}
	}
	for _, a := range in {
		if !a.at.Before(since) {
			received(a.denm)
		}
	}
	return nil
}
