package redisio

import "context"

// pipeline runs the calls of the commit script for one batch, one after the other, while
// the caller prepares the next one: server and client work at the same time. A call is
// sent when the one before has succeeded, never earlier, so the order holds.
type pipeline struct {
	publisher *Publisher
	ctx       context.Context
	batch     *batch
	running   chan result // of the call that is under way; nil when none is
	repeated  bool        // some entries were done before
}

// result is what became of a call.
type result struct {
	pending  []entryKey // what it settles only if it is pending
	settles  int        // so many entries of the batch are settled with it
	repeated int
	clear    bool
	err      error
}

// run waits for the call before and starts this one. An error is that of the call
// before; this one is not sent then.
func (l *pipeline) run(call *scriptCall, pending []entryKey, settles int) error {
	if err := l.wait(); err != nil {
		call.recycle()
		return err
	}
	l.running = make(chan result, 1)
	go func() {
		r := result{pending: pending, settles: settles}
		r.repeated, r.clear, r.err = l.publisher.run(l.ctx, call)
		l.running <- r
	}()
	return nil
}

// wait waits until no call is under way, and notes what became of it.
func (l *pipeline) wait() error {
	if l.running == nil {
		return nil
	}
	r := <-l.running
	l.running = nil
	if r.err != nil {
		if !r.clear {
			l.batch.doubt(r.pending)
		}
		return r.err
	}
	l.batch.committed = r.settles
	l.repeated = l.repeated || r.repeated > 0
	return nil
}
