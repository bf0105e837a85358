package dentest

import (
	"context"
	"errors"
	"time"

	"github.com/step-its/producer/den"
)

// takeover is how long it may take until an owner notices that it is not the owner
// any more, and until the next one has the streams.
const takeover = 10 * time.Second

// owning is an Own that works until it is told to end.
type owning struct {
	began  chan context.Context // gets the context of work
	result chan error           // what work is to return
	over   chan struct{}        // closed when Own has returned
	err    error                // what it returned, once it is over
}

// beginToOwn calls Own, and does not wait until it comes to work.
func (x *transportTest) beginToOwn(ctx context.Context, p den.Publisher) *owning {
	o := &owning{began: make(chan context.Context, 1), result: make(chan error, 1), over: make(chan struct{})}
	x.owners = append(x.owners, o)
	go func() {
		defer close(o.over)
		o.err = p.(den.Owner).Own(ctx, func(ctx context.Context) error {
			o.began <- ctx
			select {
			case err := <-o.result:
				return err
			case <-x.ctx.Done(): // the rule is over
				return x.ctx.Err()
			}
		})
	}()
	return o
}

// own makes the publisher the owner, and returns the context of its work.
func (x *transportTest) own(p den.Publisher) (*owning, context.Context) {
	x.Helper()
	o := x.beginToOwn(x.ctx, p)
	return o, x.wantWork(o, takeover)
}

// wantWork fails unless work begins within the given time, and returns its
// context.
func (x *transportTest) wantWork(o *owning, within time.Duration) context.Context {
	x.Helper()
	select {
	case ctx := <-o.began:
		return ctx
	case <-o.over:
		x.Fatalf("Own returned %v and has not called work", o.err)
	case <-time.After(within):
		x.Fatalf("Own has not called work within %v, though nobody owns the streams", within)
	}
	return nil
}

// wantStandby fails if work begins within the given time.
func (x *transportTest) wantStandby(o *owning, within time.Duration) {
	x.Helper()
	select {
	case <-o.began:
		x.Fatal("Own has called work while another owner works")
	case <-o.over:
		x.Fatalf("Own returned %v; want it to wait until the other owner is gone", o.err)
	case <-time.After(within):
	}
}

// wantEnd fails unless the context of work ends within the given time, for the
// given reason.
func (x *transportTest) wantEnd(working context.Context, within time.Duration, reason error) {
	x.Helper()
	select {
	case <-working.Done():
	case <-time.After(within):
		x.Fatalf("the context of work has not ended within %v", within)
	}
	if cause := context.Cause(working); !errors.Is(cause, reason) {
		x.Errorf("the context of work ended because of %v; want %v", cause, reason)
	}
}

// wantOver fails unless Own returns soon.
func (x *transportTest) wantOver(o *owning) {
	x.Helper()
	select {
	case <-o.over:
	case <-time.After(soon):
		x.Fatalf("Own has not returned within %v", soon)
	}
}

// end lets work return, and fails unless Own returns what work did.
func (x *transportTest) end(o *owning) {
	x.Helper()
	result := errors.New("the result of work")
	o.result <- result
	x.wantOver(o)
	if !errors.Is(o.err, result) {
		x.Errorf("Own returned %v; want what work returned", o.err)
	}
}

// wantOwnersGone waits until every Own has returned. All contexts have ended.
func (x *transportTest) wantOwnersGone() {
	x.Helper()
	for _, o := range x.owners {
		select {
		case <-o.over:
		case <-time.After(patience):
			x.Errorf("Own has not returned %v after its context and work have ended", patience)
		}
	}
}

// wantFenced fails unless the publisher refuses to write anything.
func (x *transportTest) wantFenced(p den.Publisher, batches inHand) {
	x.Helper()
	published, pending := x.Published(), x.Pending()
	refused := func(what string, err error) {
		x.Helper()
		if !errors.Is(err, den.ErrFenced) {
			x.Errorf("%s returned %v; want den.ErrFenced", what, err)
		}
	}
	refused("Publish", p.Publish(x.ctx, x.warnings(1)))
	if c, ok := p.(den.Committer); ok {
		refused("Commit without inputs", c.Commit(x.ctx, nil, []den.Output{{DENM: x.warnings(1)[0]}}))
		for _, b := range batches {
			refused("Commit", c.Commit(x.ctx, b, x.outputs(b)))
		}
	}
	x.wantPublished(published)
	x.wantPending(pending)
}

// publish publishes a warning, which must succeed, and returns it.
func (x *transportTest) publish(p den.Publisher) *den.DENM {
	x.Helper()
	d := x.warnings(1)
	if err := p.Publish(x.ctx, d); err != nil {
		x.Errorf("Publish by the owner: %v", err)
	}
	return d[0]
}

// settle publishes a warning for every input, and returns them.
func (x *transportTest) settle(p den.Publisher, batches inHand) []*den.DENM {
	x.Helper()
	var denms []*den.DENM
	for _, b := range batches {
		outputs := x.outputs(b)
		denms = append(denms, denmsOf(outputs)...)
		if c, ok := p.(den.Committer); ok {
			if err := c.Commit(x.ctx, b, outputs); err != nil {
				x.Errorf("Commit by the owner: %v", err)
			}
			continue
		}
		if err := p.Publish(x.ctx, denmsOf(outputs)); err != nil {
			x.Errorf("Publish by the owner: %v", err)
		}
		x.ack(inHand{b})
	}
	return denms
}
