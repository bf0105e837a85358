package den

import (
	"context"
	"log/slog"
	"time"
)

// settlement settles the batches of Run, one after the other, while Run applies the next
// one: publishing is mostly waiting. From begin to finish the turn is its own, so what
// others apply comes behind what is under way.
type settlement struct {
	service   *DenService
	batch     Batch          // that is under way; nil when none is
	negations []cancellation // that it publishes
	done      chan outcome   // has what became of it; nil when none is under way
}

// outcome is what became of a batch.
type outcome struct {
	err      error
	panicked any // what the Publisher panicked with
}

func (l *settlement) underWay() bool { return l.batch != nil }

// begin settles a batch while none is under way. The caller has the turn, and leaves it
// to the settlement.
func (l *settlement) begin(ctx context.Context, batch Batch, outputs []Output, negations []cancellation) {
	done := make(chan outcome, 1)
	l.batch, l.negations, l.done = batch, negations, done
	go func() {
		o := outcome{err: errGoroutineEnded}
		defer func() {
			o.panicked = recover() // goes on where Run was called
			done <- o
		}()
		o.err = l.service.settle(ctx, batch, outputs)
	}()
}

// errGoroutineEnded is what became of a batch whose Publisher called runtime.Goexit.
var errGoroutineEnded error = reason("den: the Publisher has ended its goroutine")

// wait waits until no batch is under way, and gives the turn back to the caller if one
// was.
func (l *settlement) wait() error {
	if !l.underWay() {
		return nil
	}
	return l.ended(<-l.done)
}

func (l *settlement) ended(o outcome) error {
	l.batch.Release()
	if o.err != nil {
		l.service.notSettled(l.negations)
	}
	l.batch, l.negations, l.done = nil, nil, nil
	if o.panicked != nil {
		panic(o.panicked)
	}
	return o.err
}

// finish waits until no batch is under way, and passes the turn if one was.
func (l *settlement) finish() error {
	if !l.underWay() {
		return nil
	}
	return l.finished(<-l.done)
}

// finished is finish with what came out of done.
func (l *settlement) finished(o outcome) error {
	defer l.service.passTurn()
	return l.ended(o)
}

// notSettled keeps cancellations of a batch that could not be settled. Their records
// are gone, so a negation that comes again finds nothing: a later Cleanup has to
// publish them. The caller has the turn.
func (s *DenService) notSettled(negations []cancellation) {
	s.unsettled = append(s.unsettled, negations...)
}

// settle publishes the outputs and acknowledges the batch, and does not give up
// before ctx ends.
func (s *DenService) settle(ctx context.Context, batch Batch, outputs []Output) error {
	failing := retry{log: s.log, what: "publish", most: s.cfg.RetryInterval}
	published, began := false, time.Now()
	for {
		failing.attempt()
		err := s.settleOnce(ctx, batch, outputs, &published)
		if err == nil {
			failing.succeeded()
			if s.log.Enabled(ctx, slog.LevelDebug) {
				s.log.Debug("batch settled", "batch", len(batch.Inputs()), "denms", len(outputs), "duration", time.Since(began))
			}
			return nil
		}
		s.counts.publishErrors.Add(1)
		if err := failing.failed(ctx, err); err != nil {
			return err
		}
		if !published {
			// In a long outage a warning can lose its sense before it gets out.
			outputs = s.stillValid(outputs)
		}
	}
}

// settleOnce tries to settle the batch. What is published already is not
// published again.
func (s *DenService) settleOnce(ctx context.Context, batch Batch, outputs []Output, published *bool) error {
	if committer, ok := s.publisher.(Committer); ok {
		return committer.Commit(ctx, batch, outputs)
	}
	if !*published && len(outputs) > 0 {
		denms := make([]*DENM, len(outputs))
		for i, o := range outputs {
			denms[i] = o.DENM
		}
		if err := s.publisher.Publish(ctx, denms); err != nil {
			return err
		}
	}
	*published = true
	return batch.Ack(ctx)
}

// stillValid returns the outputs whose validity is not over, and counts the
// others as too late.
func (s *DenService) stillValid(outputs []Output) []Output {
	now := s.now()
	var fresh []Output
	for _, o := range outputs {
		if o.DENM.ValidUntil() < now {
			s.counts.tooLate.Add(1)
			continue
		}
		fresh = append(fresh, o)
	}
	return fresh
}
