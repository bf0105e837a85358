package dentest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

// Queue is a den.Subscriber in memory. Inputs wait in it until they are
// acknowledged. NewQueue makes one.
type Queue struct {
	mu       sync.Mutex // guards everything below
	entries  []*entry   // those not acknowledged, in order
	sent     int
	rejected []den.Input
	acked    []arrival // the DENMs among those acknowledged
	ended    bool
	failures int
	failure  error
	more     chan struct{} // closed when there may be more to receive
}

type entry struct {
	input  den.Input
	sent   time.Time
	holder *batch // that has it and is not settled; nil while it waits
	acked  bool
}

// arrival is a DENM and when it came.
type arrival struct {
	denm *den.DENM
	at   time.Time
}

var _ den.Subscriber = (*Queue)(nil)

// NewQueue returns an empty queue.
func NewQueue() *Queue { return &Queue{more: make(chan struct{})} }

// Send puts messages into the queue as a stream would deliver them: JSON, with
// or without an envelope, right or wrong.
func (q *Queue) Send(messages ...[]byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range messages {
		event, err := den.ParseEvent(m)
		q.sent++
		q.entries = append(q.entries, &entry{sent: time.Now(), input: den.Input{
			ID: strconv.Itoa(q.sent), Time: Now(), Event: event, Err: err,
		}})
	}
	q.wake()
}

// SendCollisions puts a collision array into the queue.
func (q *Queue) SendCollisions(c *den.StationCollisions) { q.Send(Event(c, nil)) }

// SendDENM puts a DENM into the queue.
func (q *Queue) SendDENM(d *den.DENM) { q.Send(Event(nil, d)) }

// End says that nothing will be sent any more: once all is acknowledged, Receive
// returns den.ErrEndOfInput.
func (q *Queue) End() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.wake()
}

// Pending returns the number of inputs that are not acknowledged.
func (q *Queue) Pending() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.entries)
}

// Rejected returns the inputs with an Err, or that were rejected, that were
// acknowledged.
func (q *Queue) Rejected() []den.Input {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.rejected)
}

// Reopen gives back what was received but not acknowledged, as the crash of the
// receiver would.
func (q *Queue) Reopen() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.entries {
		e.holder = nil
	}
	q.wake()
}

// FailReceive makes the next n calls of Receive return err.
func (q *Queue) FailReceive(n int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failures, q.failure = n, err
	q.wake()
}

// Receive implements den.Subscriber. It returns when ctx ends.
func (q *Queue) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		batch, more, err := q.take(most)
		if batch != nil || err != nil {
			return batch, err
		}
		select {
		case <-more:
		case <-timeout.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns what there is, or else the channel to wait for more on.
func (q *Queue) take(most int) (den.Batch, <-chan struct{}, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failures > 0 {
		q.failures--
		return nil, nil, q.failure
	}
	b := &batch{queue: q}
	for _, e := range q.entries {
		if e.holder != nil || len(b.entries) == most {
			continue
		}
		e.holder = b
		e.input.Attempt++
		b.entries = append(b.entries, e)
		b.inputs = append(b.inputs, e.input)
	}
	switch {
	case len(b.entries) > 0:
		return b, nil, nil
	case q.ended && len(q.entries) == 0:
		return nil, nil, den.ErrEndOfInput
	}
	return nil, q.more, nil
}

// wake lets a waiting Receive look again. The caller holds the lock.
func (q *Queue) wake() {
	close(q.more)
	q.more = make(chan struct{})
}

// acknowledge deletes the entries of a batch. The caller holds the lock.
func (q *Queue) acknowledge(b *batch) {
	for i, e := range b.entries {
		if e.acked {
			continue
		}
		e.acked = true
		if reason := b.reasons[i]; reason != nil {
			e.input.Err = reason
		}
		switch {
		case e.input.Err != nil:
			q.rejected = append(q.rejected, e.input)
		case e.input.Event.DENM != nil:
			q.acked = append(q.acked, arrival{e.input.Event.DENM, e.sent})
		}
	}
	q.entries = slices.DeleteFunc(q.entries, func(e *entry) bool { return e.acked })
	q.wake()
}

// batch is a den.Batch of a Queue.
type batch struct {
	queue   *Queue
	entries []*entry
	inputs  []den.Input
	reasons map[int]error // of the inputs that were rejected; the queue's lock guards it
}

func (b *batch) Inputs() []den.Input { return b.inputs }

func (b *batch) Reject(index int, reason error) {
	b.queue.mu.Lock()
	defer b.queue.mu.Unlock()
	if b.reasons == nil {
		b.reasons = make(map[int]error)
	}
	b.reasons[index] = reason
}

func (b *batch) Ack(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.queue.mu.Lock()
	defer b.queue.mu.Unlock()
	b.queue.acknowledge(b)
	return nil
}

func (b *batch) Release() {
	b.queue.mu.Lock()
	defer b.queue.mu.Unlock()
	for _, e := range b.entries {
		if e.holder == b { // and not another one, that received it since
			e.holder = nil
		}
	}
	b.queue.wake()
}
