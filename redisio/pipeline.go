package redisio

import (
	"context"
	"errors"
	"slices"
)

// mostUnderWay is how many calls of the commit script a batch has under way at most: the
// server runs one, has received another one, and is about to receive the last.
const mostUnderWay = 3

// pipeline runs the calls of the commit script for one batch while the caller prepares the
// next ones, so that server and client work at the same time. A call is sent before those
// ahead of it have succeeded, but on the condition that they do: the server refuses it
// where they have not settled their entries. So what fails is never overtaken.
type pipeline struct {
	publisher *Publisher
	ctx       context.Context
	batch     *batch
	underWay  []callUnderWay // in the order in which they were sent

	repeated bool // some entries were done before
}

// callUnderWay is a call that has been sent.
type callUnderWay struct {
	sentCall
	pending []entryKey // what it settles only if it is pending
	settles int        // so many entries of the batch are settled with it
}

// run sends a call, and first waits for the oldest one where too many are under way. An
// error is that of another call; this one is not sent then.
func (l *pipeline) run(call *scriptCall, pending []entryKey, settles int) error {
	if len(l.underWay) == mostUnderWay {
		if err := l.waitForOldest(); err != nil {
			return err
		}
	}
	if n := len(l.underWay); n > 0 {
		ahead := &l.underWay[n-1]
		if input, from, to, ok := ahead.settled(); ok {
			<-ahead.question.begun
			call.stayBehind(input, from, to)
		} else if err := l.wait(); err != nil {
			return err
		}
	}
	l.underWay = append(l.underWay, callUnderWay{l.publisher.send(l.ctx, call), pending, settles})
	return nil
}

// settled returns between which ids of which input the call settles entries. It is not ok
// if there are entries of several inputs, or such as the server cannot tell to be settled.
func (u *callUnderWay) settled() (input int, from, to entryID, ok bool) {
	if len(u.pending) == 0 || len(u.pending) < u.call.entries {
		return 0, from, to, false
	}
	input, from, to = u.pending[0].input, u.pending[0].id, u.pending[0].id
	for _, key := range u.pending[1:] {
		if key.input != input {
			return 0, from, to, false
		}
		if key.id.compare(from) < 0 {
			from = key.id
		}
		if key.id.compare(to) > 0 {
			to = key.id
		}
	}
	return input, from, to, true
}

// wait waits until no call is under way, and notes what became of them.
func (l *pipeline) wait() error {
	for len(l.underWay) > 0 {
		if err := l.waitForOldest(); err != nil {
			return err
		}
	}
	return nil
}

func (l *pipeline) waitForOldest() error {
	oldest := l.underWay[0]
	l.underWay = slices.Delete(l.underWay, 0, 1)
	repeated, clear, err := oldest.await()
	if errors.Is(err, errEarly) { // now that all those ahead of it have succeeded, it is not
		oldest.call.goAhead()
		oldest.sentCall = l.publisher.send(l.ctx, oldest.call)
		repeated, clear, err = oldest.await()
	}
	if err != nil {
		l.publisher.client.counts.failed(err)
		if !clear {
			l.batch.doubt(oldest.pending)
		}
		l.giveUp()
		return err
	}
	l.batch.committed = oldest.settles
	l.repeated = l.repeated || repeated > 0
	return nil
}

// giveUp waits for the calls behind one that has failed. Usually they have done nothing;
// but the one that failed may have done its part, and only its answer was lost.
func (l *pipeline) giveUp() {
	for _, u := range l.underWay {
		if _, clear, err := u.await(); err == nil || !clear {
			l.batch.doubt(u.pending)
		}
	}
	l.underWay = nil
}
