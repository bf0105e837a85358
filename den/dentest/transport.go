package dentest

import (
	"context"
	"errors"

	"github.com/step-its/producer/den"
)

// Transport is a queue and a publisher that settle together: a den.Committer in
// memory. NewTransport makes one.
type Transport struct {
	*Queue
	*Publisher
	// done knows the DENMs of commits without inputs; the publisher's lock
	// guards it.
	done map[version]bool
}

// version names a DENM among all that were ever sent.
type version struct {
	id den.ActionID
	at den.Timestamp
}

var (
	_ den.Subscriber = (*Transport)(nil)
	_ den.Committer  = (*Transport)(nil)
)

// NewTransport returns an empty transport.
func NewTransport() *Transport {
	return &Transport{Queue: NewQueue(), Publisher: new(Publisher), done: make(map[version]bool)}
}

// Commit implements den.Committer. The batch must come from this transport.
func (t *Transport) Commit(ctx context.Context, in den.Batch, outputs []den.Output) error {
	if in == nil {
		return t.attempt(ctx, func() { t.commitAlone(outputs) })
	}
	b, ok := in.(*batch)
	if !ok || b.queue != t.Queue {
		return errors.New("dentest: the batch is not from this transport")
	}
	return t.attempt(ctx, func() { t.commitWith(b, outputs) })
}

func (t *Transport) commitAlone(outputs []den.Output) {
	for _, o := range outputs {
		v := version{o.DENM.Management.ActionID, o.DENM.Management.ReferenceTime}
		if !t.done[v] {
			t.done[v] = true
			t.published = append(t.published, o.DENM)
		}
	}
}

func (t *Transport) commitWith(b *batch, outputs []den.Output) {
	t.Queue.mu.Lock()
	defer t.Queue.mu.Unlock()
	for _, o := range outputs {
		if !b.entries[o.Input].acked {
			t.published = append(t.published, o.DENM)
		}
	}
	t.acknowledge(b.entries)
}
