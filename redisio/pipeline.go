package redisio

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// mostUnderWay is how many calls of the commit script a batch has under way at most: the
// server runs one, has received another one, and is about to receive the last. Over a slow
// line there are fewer.
const mostUnderWay = 3

// pipeline runs the calls of the commit script for one batch while the caller prepares the
// next ones, so that server and client work at the same time. A call is sent before the one
// ahead of it has succeeded, but on the condition that it does: each leaves a token on the
// server, and one that does not find the token of the one ahead of it is refused. So what
// fails is never overtaken.
type pipeline struct {
	publisher *Publisher
	ctx       context.Context
	batch     *batch
	underWay  []callUnderWay // in the order in which they were sent
	answered  time.Time      // when the last answer came
	sent      int            // so many calls
	name      string         // begins the tokens of the calls; no other pipeline, of whatever process, has it

	repeated bool // some entries were done before
}

// callUnderWay is a call that has been sent.
type callUnderWay struct {
	sentCall
	began   time.Time
	size    int
	entries []int // of the batch, see entryOf
}

func newPipeline(ctx context.Context, p *Publisher, b *batch) *pipeline {
	return &pipeline{ctx: ctx, publisher: p, batch: b, name: strconv.FormatUint(rand.Uint64(), 36)}
}

// run sends a call, and first waits for the oldest ones where too many are under way. An
// error is that of another call; this one is not sent then. Nothing may be sent behind the
// last one.
func (l *pipeline) run(call *scriptCall, entries []int, last bool) error {
	for !l.publisher.client.line.bears(len(l.underWay), l.bytes()+call.size()) {
		if err := l.waitForOldest(); err != nil {
			return err
		}
	}
	if n := len(l.underWay); n > 0 {
		<-l.underWay[n-1].question.begun
		call.args[aheadArg] = l.token(l.sent)
	}
	l.sent++
	if !last {
		call.args[tokenArg] = l.token(l.sent)
	}
	l.underWay = append(l.underWay, callUnderWay{
		began: time.Now(), size: call.size(), entries: entries,
		sentCall: l.publisher.send(l.ctx, call),
	})
	return nil
}

// bytes returns how many bytes are under way.
func (l *pipeline) bytes() (n int) {
	for i := range l.underWay {
		n += l.underWay[i].size
	}
	return n
}

// token returns the token of the n-th call.
func (l *pipeline) token(n int) string { return l.name + "-" + strconv.Itoa(n) }

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
	others, clear, err := oldest.await()
	if errors.Is(err, errEarly) { // now that all those ahead of it have succeeded, it is not
		oldest.call.args[aheadArg] = ""
		oldest.sentCall = l.publisher.send(l.ctx, oldest.call)
		others, clear, err = oldest.await()
	}
	line := &l.publisher.client.line
	if err != nil {
		line.failed()
		l.publisher.client.counts.failed(err)
		if !clear {
			l.batch.doubt(oldest.entries)
		}
		return err
	}
	came := *oldest.question.came        // which may be long ago: what was to be sent had to be made first
	if oldest.began.Before(l.answered) { // till then it waited behind another one
		oldest.began = l.answered
	}
	line.carried(oldest.size, came.Sub(oldest.began))
	l.answered = came
	l.batch.note(oldest.entries, others)
	l.repeated = l.repeated || len(others) > 0
	return nil
}

// giveUp waits for the calls behind one that has failed. Usually they have done nothing;
// but the one that failed may have done its part, and only its answer was lost.
func (l *pipeline) giveUp() {
	for _, u := range l.underWay {
		switch others, clear, err := u.await(); {
		case err == nil:
			l.batch.note(u.entries, others)
		case !clear:
			l.batch.doubt(u.entries)
		}
	}
	l.underWay = nil
}
