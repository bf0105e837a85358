package redisio

import "context"

// pipeline runs the calls of the commit script for one batch, one after the other, while
// the caller prepares the next one: server and client work at the same time. A call is
// sent when the one before has succeeded, never earlier, so the order holds.
type pipeline struct {
	publisher *Publisher
	ctx       context.Context
	batch     *batch
	// What follows is of the call that is under way.
	running bool
	call    sentCall
	pending []entryKey // what it settles only if it is pending
	settles int        // so many entries of the batch are settled with it

	repeated bool // some entries were done before
}

// run waits for the call before and starts this one. An error is that of the call
// before; this one is not sent then.
func (l *pipeline) run(call *scriptCall, pending []entryKey, settles int) error {
	if err := l.wait(); err != nil {
		call.recycle()
		return err
	}
	l.running, l.call, l.pending, l.settles = true, l.publisher.send(l.ctx, call), pending, settles
	return nil
}

// wait waits until no call is under way, and notes what became of it.
func (l *pipeline) wait() error {
	if !l.running {
		return nil
	}
	l.running = false
	repeated, clear, err := l.call.await()
	if err != nil {
		if !clear {
			l.batch.doubt(l.pending)
		}
		return err
	}
	l.batch.committed = l.settles
	l.repeated = l.repeated || repeated > 0
	return nil
}
