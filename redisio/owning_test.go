package redisio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

const (
	leaseKey = "collisions:producer:lease"
	ownerKey = "collisions:producer:owner"
)

// owner is a client that owns the streams, or stands by until it does.
type owner struct {
	*redisio.Client
	t      testing.TB
	began  chan context.Context // gets the context of work
	finish func()               // lets work return
	cancel func()               // ends the context of Own
	done   chan struct{}
	err    error // of Own, once done is closed
}

// own calls Own in the background, again and again while it fails without having
// called work, as a service does.
func own(t testing.TB, client *redisio.Client) *owner {
	ctx, cancel := context.WithCancel(context.Background())
	finished, finish := context.WithCancel(context.Background())
	o := &owner{
		Client: client, t: t, finish: finish, cancel: cancel,
		began: make(chan context.Context, 1), done: make(chan struct{}),
	}
	go func() {
		defer close(o.done)
		for worked := false; !worked && ctx.Err() == nil; {
			o.err = client.Publisher().Own(ctx, func(ctx context.Context) error {
				worked = true
				o.began <- ctx
				<-finished.Done()
				return nil
			})
		}
	}()
	t.Cleanup(o.end)
	return o
}

// working waits until work is called.
func (o *owner) working() context.Context {
	o.t.Helper()
	select {
	case ctx := <-o.began:
		return ctx
	case <-time.After(time.Minute):
		o.t.Fatal("Own does not call work")
		return nil
	}
}

// wantStandby fails if work is called within the time.
func (o *owner) wantStandby(wait time.Duration) {
	o.t.Helper()
	select {
	case <-o.began:
		o.t.Error("Own has called work although another client owns the streams")
	case <-time.After(wait):
	}
}

// end lets work return and waits for Own.
func (o *owner) end() {
	o.finish()
	o.cancel()
	<-o.done
}

// publish publishes a DENM, which must succeed.
func (o *owner) publish(number uint16) {
	o.t.Helper()
	must(o.t, o.Publisher().Publish(o.t.Context(), warnings(number, 1)))
}

// wantFenced fails unless the context of work has ended because another client has
// taken over.
func wantFenced(t testing.TB, work context.Context) {
	t.Helper()
	select {
	case <-work.Done():
	case <-time.After(time.Minute):
		t.Error("work goes on although another client has taken over")
	}
	if cause := context.Cause(work); !errors.Is(cause, den.ErrFenced) {
		t.Errorf("work was ended by %v; want ErrFenced", cause)
	}
}

// wantRefused fails unless every way to write is refused.
func wantRefused(t testing.TB, client *redisio.Client, batches ...den.Batch) {
	t.Helper()
	p := client.Publisher()
	errs := []error{p.Publish(t.Context(), warnings(900, 2)), p.Commit(t.Context(), nil, alone(warnings(902, 1)...))}
	for _, b := range batches {
		errs = append(errs, p.Commit(t.Context(), b, answers(b, 903)), b.Ack(t.Context()))
	}
	for i, err := range errs {
		if !errors.Is(err, den.ErrFenced) || !errors.Is(err, den.ErrPermanent) {
			t.Errorf("write %d returned %v; want ErrFenced", i, err)
		}
	}
}

// text returns the answer to a command as text.
func (p probe) text(words ...string) string {
	p.t.Helper()
	answer := p.do(words...)
	text, err := answer.ToString()
	must(p.t, err)
	return text
}

// within fails when the time since start is longer, and says how long it was.
func within(t testing.TB, what string, start time.Time, most time.Duration) {
	t.Helper()
	took := time.Since(start)
	t.Logf("%s: %v", what, took.Round(time.Millisecond))
	if took > most {
		t.Errorf("%s took %v; want at most %v", what, took, most)
	}
}
