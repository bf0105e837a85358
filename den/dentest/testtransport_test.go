package dentest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

func TestTransportContract(t *testing.T) {
	t.Parallel()
	TestTransport(t, func(*testing.T) Harness { return harness(NewTransport()) })
}

func TestQueueAndPublisherContract(t *testing.T) {
	t.Parallel()
	TestTransport(t, func(*testing.T) Harness {
		x := NewTransport()
		h := harness(x)
		h.Publisher = den.PublisherFunc(x.Publish) // no Committer any more
		h.Reopen = func() (den.Publisher, den.Subscriber) {
			x.Reopen()
			return h.Publisher, h.Subscriber
		}
		return h
	})
}

func harness(x *Transport) Harness {
	return Harness{
		Publisher:  x,
		Subscriber: x,
		Send:       x.Send,
		Published:  x.Published,
		Pending:    x.delivered,
		Rejected:   func() int { return len(x.Rejected()) },
		Reopen: func() (den.Publisher, den.Subscriber) {
			x.Reopen()
			next := x.Join()
			return next, next
		},
		Depose:    x.Depose,
		LoseReply: func() { x.LoseReplies(1) },
	}
}

// delivered returns the number of entries that were delivered but are not
// acknowledged.
func (q *Queue) delivered() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, e := range q.entries {
		if e.input.Attempt > 0 {
			n++
		}
	}
	return n
}

// brokenTransport is a good transport with some methods replaced. Its batches
// are brokenBatches.
type brokenTransport struct {
	*Transport
	receive func(ctx context.Context, most int, wait time.Duration) (den.Batch, error)
	publish func(ctx context.Context, denms []*den.DENM) error
	commit  func(ctx context.Context, in den.Batch, outputs []den.Output) error
	ack     func(ctx context.Context, b *brokenBatch) error
	release func(b *brokenBatch)
	reject  func(b *brokenBatch, index int, reason error)
	own     func(ctx context.Context, work func(ctx context.Context) error) error
	replay  func(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error
}

type brokenBatch struct {
	*batch
	of *brokenTransport
}

func (x *brokenTransport) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	var b den.Batch
	var err error
	if x.receive != nil {
		b, err = x.receive(ctx, most, wait)
	} else {
		b, err = x.Transport.Receive(ctx, most, wait)
	}
	if b == nil {
		return nil, err
	}
	return &brokenBatch{b.(*batch), x}, err
}

func (x *brokenTransport) Publish(ctx context.Context, denms []*den.DENM) error {
	if x.publish != nil {
		return x.publish(ctx, denms)
	}
	return x.Transport.Publish(ctx, denms)
}

func (x *brokenTransport) Commit(ctx context.Context, in den.Batch, outputs []den.Output) error {
	if in != nil {
		in = in.(*brokenBatch).batch
	}
	if x.commit != nil {
		return x.commit(ctx, in, outputs)
	}
	return x.Transport.Commit(ctx, in, outputs)
}

func (b *brokenBatch) Ack(ctx context.Context) error {
	if b.of.ack != nil {
		return b.of.ack(ctx, b)
	}
	return b.batch.Ack(ctx)
}

func (b *brokenBatch) Release() {
	if b.of.release != nil {
		b.of.release(b)
	} else {
		b.batch.Release()
	}
}

func (b *brokenBatch) Reject(index int, reason error) {
	if b.of.reject != nil {
		b.of.reject(b, index, reason)
	} else {
		b.batch.Reject(index, reason)
	}
}

func (x *brokenTransport) Own(ctx context.Context, work func(ctx context.Context) error) error {
	if x.own != nil {
		return x.own(ctx, work)
	}
	return x.Transport.Own(ctx, work)
}

func (x *brokenTransport) Replay(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
	if x.replay != nil {
		return x.replay(ctx, span, published, received)
	}
	return x.Transport.Replay(ctx, span, published, received)
}

// breakTransport holds, for every rule of the transport, how one can break it; where
// there are several ways, the name of the rule and a colon begin the others. Those
// of the Owner and the Replayer stand in breakOwner and breakReplayer.
var breakTransport = map[string]func(good *Transport, x *brokenTransport){
	"order": func(good *Transport, x *brokenTransport) { // a stack
		x.receive = edited(good, func(b *batch) { slices.Reverse(b.inputs) })
	},
	"ids": func(good *Transport, x *brokenTransport) { // counts deliveries
		n := 0
		x.receive = edited(good, func(b *batch) {
			for i := range b.inputs {
				n++
				b.inputs[i].ID = strconv.Itoa(n)
			}
		})
	},
	"max": func(good *Transport, x *brokenTransport) { // takes it for a hint
		x.receive = func(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
			return good.Receive(ctx, most+1, wait)
		}
	},
	"empty": func(good *Transport, x *brokenTransport) { // calls it an error
		x.receive = func(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
			b, err := good.Receive(ctx, most, wait)
			if b == nil {
				err = errors.New("nothing there")
			}
			return b, err
		}
	},
	"wait": func(good *Transport, x *brokenTransport) { // waits for as long as it likes
		x.receive = func(ctx context.Context, most int, _ time.Duration) (den.Batch, error) {
			return good.Receive(ctx, most, time.Second)
		}
	},
	"wait:not at all": func(good *Transport, x *brokenTransport) {
		x.receive = func(ctx context.Context, most int, _ time.Duration) (den.Batch, error) {
			return good.Receive(ctx, most, 0)
		}
	},
	"no_time_to_wait": func(good *Transport, x *brokenTransport) { // does not look when there is none
		x.receive = func(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
			if wait == 0 {
				return nil, nil
			}
			return good.Receive(ctx, most, wait)
		}
	},
	"short_batch:nothing at first": func(good *Transport, x *brokenTransport) { // looks elsewhere
		looked := false
		x.receive = func(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
			if !looked {
				looked = true
				return nil, nil
			}
			return good.Receive(ctx, most, wait)
		}
	},
	"short_batch": func(good *Transport, x *brokenTransport) { // takes two at a time
		x.receive = func(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
			return good.Receive(ctx, min(most, 2), wait)
		}
	},
	"short_batch_released": func(good *Transport, x *brokenTransport) { // does not mix old and new
		x.receive = edited(good, func(b *batch) {
			first := b.inputs[0].Attempt
			for i := range b.inputs {
				if b.inputs[i].Attempt != first {
					for _, e := range b.entries[i:] {
						e.holder = nil
					}
					b.entries, b.inputs = b.entries[:i], b.inputs[:i]
					return
				}
			}
		})
	},
	"reject": func(good *Transport, x *brokenTransport) { // only poison is kept
		x.reject = func(*brokenBatch, int, error) {}
	},
	"reject_released": func(good *Transport, x *brokenTransport) { // keeps it at once
		x.reject = func(b *brokenBatch, index int, reason error) {
			b.entries[index].input.Err = reason
			good.rejected = append(good.rejected, b.entries[index].input)
		}
	},
	"commit_rejected": func(good *Transport, x *brokenTransport) { // leaves it pending
		x.commit = func(ctx context.Context, in den.Batch, outputs []den.Output) error {
			if b, ok := in.(*batch); ok && b.reasons != nil {
				left := *b
				left.entries = slices.DeleteFunc(slices.Clone(b.entries), func(e *entry) bool {
					return b.reasons[slices.Index(b.entries, e)] != nil
				})
				return good.Commit(ctx, &left, nil)
			}
			return good.Commit(ctx, in, outputs)
		}
	},
	"ack": func(good *Transport, x *brokenTransport) { // forgets some
		x.ack = func(ctx context.Context, b *brokenBatch) error {
			b.entries = b.entries[1:]
			return b.batch.Ack(ctx)
		}
	},
	"release": func(good *Transport, x *brokenTransport) { // waits for a restart
		x.release = func(*brokenBatch) {}
	},
	"crash": func(good *Transport, x *brokenTransport) { // acknowledges on delivery
		x.receive = edited(good, func(b *batch) { _ = b.Ack(context.Background()) })
	},
	"late_release": func(good *Transport, x *brokenTransport) { // does not ask who has it now
		x.release = func(b *brokenBatch) {
			for _, e := range b.entries {
				e.holder = nil
			}
		}
	},
	"poison": func(good *Transport, x *brokenTransport) { // throws it away
		x.ack = func(ctx context.Context, b *brokenBatch) error {
			err := b.batch.Ack(ctx)
			good.rejected = nil
			return err
		}
	},
	"poison_released": func(good *Transport, x *brokenTransport) { // keeps it at every delivery
		x.receive = edited(good, func(b *batch) {
			for _, in := range b.inputs {
				if in.Err != nil {
					good.rejected = append(good.rejected, in)
				}
			}
		})
	},
	"publish": func(good *Transport, x *brokenTransport) { // last comes first
		x.publish = func(ctx context.Context, denms []*den.DENM) error {
			denms = slices.Clone(denms)
			slices.Reverse(denms)
			return good.Publish(ctx, denms)
		}
	},
	"settled_inputs": func(good *Transport, x *brokenTransport) { // uses the memory again
		x.ack = func(ctx context.Context, b *brokenBatch) error {
			clear(b.inputs)
			return b.batch.Ack(ctx)
		}
	},
	"ended_context": func(good *Transport, x *brokenTransport) { // has done it, and says it has not
		x.ack = func(ctx context.Context, b *brokenBatch) error {
			_ = b.batch.Ack(context.Background())
			return ctx.Err()
		}
	},

	"commit": func(good *Transport, x *brokenTransport) { // does not acknowledge
		x.commit = func(ctx context.Context, _ den.Batch, outputs []den.Output) error {
			return good.Publish(ctx, denmsOf(outputs))
		}
	},
	"commit_repeated":           commitInTwoSteps,
	"commit_reply_lost":         commitInTwoSteps,
	"commit_released":           commitInTwoSteps,
	"commit_settled_by_another": commitInTwoSteps,
	"commit_partly_settled":     commitInTwoSteps,
	"commit_without_inputs":     commitInTwoSteps,
	"commit_repetition":         commitInTwoSteps,
	"commit_negation":           commitInTwoSteps,
	"commit_lost_then_released": func(good *Transport, x *brokenTransport) { // leaves the Ack to the next try
		lost := false
		x.commit = func(ctx context.Context, in den.Batch, outputs []den.Output) error {
			if !lost {
				lost = true
				return good.Publish(ctx, denmsOf(outputs))
			}
			return in.Ack(ctx)
		}
	},
	"commit_without_inputs_reply_lost": func(good *Transport, x *brokenTransport) { // believes the error
		x.commit = func(ctx context.Context, _ den.Batch, outputs []den.Output) error {
			return good.Publish(ctx, denmsOf(outputs))
		}
	},
	"commit_poison": func(good *Transport, x *brokenTransport) { // keeps it before the commit
		x.commit = func(ctx context.Context, in den.Batch, outputs []den.Output) error {
			if b, ok := in.(*batch); ok {
				for _, in := range b.inputs {
					if in.Err != nil {
						good.rejected = append(good.rejected, in)
					}
				}
			}
			return good.Commit(ctx, in, outputs)
		}
	},
	"commit_nothing": func(good *Transport, x *brokenTransport) { // has nothing to do
		x.commit = func(ctx context.Context, in den.Batch, outputs []den.Output) error {
			if len(outputs) == 0 {
				return nil
			}
			return good.Commit(ctx, in, outputs)
		}
	},
	"commit_settles": func(good *Transport, x *brokenTransport) { // Release undoes it
		x.release = func(b *brokenBatch) {
			for _, e := range b.entries {
				e.holder, e.acked = nil, false
			}
			good.entries = append(good.entries, b.entries...)
		}
	},
	"commit_ended_context": func(good *Transport, x *brokenTransport) { // publishes, then looks at ctx
		x.commit = func(ctx context.Context, in den.Batch, outputs []den.Output) error {
			_ = good.Publish(context.Background(), denmsOf(outputs))
			return good.Commit(ctx, in, nil)
		}
	},
}

// commitInTwoSteps publishes and then acknowledges, each time anew.
func commitInTwoSteps(good *Transport, x *brokenTransport) {
	x.commit = func(ctx context.Context, in den.Batch, outputs []den.Output) error {
		if err := good.Publish(ctx, denmsOf(outputs)); err != nil || in == nil {
			return err
		}
		return in.Ack(ctx)
	}
}

// edited returns a Receive that changes the batches of the good one.
func edited(good *Transport, edit func(b *batch)) func(context.Context, int, time.Duration) (den.Batch, error) {
	return func(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
		b, err := good.Receive(ctx, most, wait)
		if b != nil {
			edit(b.(*batch))
		}
		return b, err
	}
}

func TestTransportRulesFail(t *testing.T) {
	breaks := maps.Clone(breakTransport)
	maps.Copy(breaks, breakOwner)
	maps.Copy(breaks, breakReplayer)
	proved := make(map[string]bool)
	rules := make(map[string]transportRule)
	for _, rule := range rulesFor(NewTransport()) {
		rules[rule.name] = rule
	}
	for _, name := range slices.Sorted(maps.Keys(breaks)) {
		ruleName, _, _ := strings.Cut(name, ":")
		rule, ok := rules[ruleName]
		if !ok {
			t.Errorf("there is no rule %s", ruleName)
			continue
		}
		proved[ruleName] = true
		t.Run(name, func(t *testing.T) {
			broken := func(good *Transport) *brokenTransport {
				x := &brokenTransport{Transport: good}
				breaks[name](good, x)
				return x
			}
			wantFailure(t, rule.why, func(t testing.TB) {
				good := NewTransport()
				x := broken(good)
				h := harness(good)
				h.Publisher, h.Subscriber = x, x
				h.Reopen = func() (den.Publisher, den.Subscriber) {
					good.Reopen()
					next := broken(good.Join())
					return next, next
				}
				rule.test(t, h)
			})
		})
	}
	for name := range rules {
		if !proved[name] {
			t.Errorf("there is no broken transport for the rule %s", name)
		}
	}
}
