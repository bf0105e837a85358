package den

import (
	"context"
	"log/slog"
	"time"
)

// work handles batches and cleans up until deliveries is closed.
func (s *DenService) work(ctx context.Context, deliveries <-chan delivery) error {
	var heard Timestamp
	check := time.NewTimer(0)
	defer check.Stop()
	var next Timestamp // when something may be due, as far as was asked for or can be told
	checked := false   // Run may begin with cancellations that an earlier one could not publish
	cleanup := retry{log: s.log, what: "cancel", most: s.cfg.RetryInterval}
	held := false // records are due that wait for a delivery
	wait := func(pause time.Duration) {
		next = s.now().Add(pause)
		check.Reset(pause)
	}
	for {
		due, waited := false, held
		select {
		case d, ok := <-deliveries:
			if !ok {
				s.flushSummaries()
				return nil
			}
			if err := s.handle(ctx, d, &heard); err != nil {
				return err
			}
			held = false
		case <-s.wake:
		case <-check.C:
			due = true
		}
		switch {
		case due:
			if err := s.handleWaiting(ctx, deliveries, &heard); err != nil {
				return err
			}
			s.madeFirst.Store(0) // it is found with all the others
			pause, err := s.tryCleanup(ctx, heard, &held, &cleanup)
			if err != nil {
				return err
			}
			wait(pause)
			checked = true
		case !checked || held || cleanup.failures > 0: // the timer is set
		case waited:
			wait(s.nextCheck())
		default:
			next = min(next, s.soonestDue())
			check.Reset(s.until(next))
		}
	}
}

func (s *DenService) handle(ctx context.Context, d delivery, heard *Timestamp) error {
	s.tellSummaries()
	if d.batch != nil {
		if err := s.handleBatch(ctx, d.batch); err != nil {
			return err
		}
	}
	*heard = d.heard
	return nil
}

// handleWaiting handles what is received already, if there is something. After a
// stall it may hold the very updates that the records which are due now have
// missed. One is enough: under load cleaning up must have its turn too.
func (s *DenService) handleWaiting(ctx context.Context, deliveries <-chan delivery, heard *Timestamp) error {
	select {
	case d, ok := <-deliveries:
		if ok {
			return s.handle(ctx, d, heard)
		}
	default:
	}
	return nil
}

// tryCleanup cleans up, and returns how long to wait until the next time. A
// failure is an error only when trying again is of no use.
func (s *DenService) tryCleanup(ctx context.Context, heard Timestamp, held *bool, failing *retry) (time.Duration, error) {
	*held = false
	next, err := s.cleanup(ctx, func(r Record) bool {
		silent := s.silent(r, heard)
		*held = *held || !silent
		return silent
	})
	switch {
	case err != nil:
		pause, err := failing.pause(err)
		return pause, first(err, context.Cause(ctx))
	case *held:
		next = s.nextRepetition(s.now(), s.listenFor())
	}
	failing.succeeded()
	return next, nil
}

// handleBatch applies the inputs of a batch and settles it.
func (s *DenService) handleBatch(ctx context.Context, batch Batch) error {
	defer batch.Release()
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.passTurn()
	s.negations = nil
	err := s.applyAndSettle(ctx, batch)
	if err != nil {
		// Their records are gone, so a negation that comes again finds nothing: a
		// later Cleanup has to publish them.
		s.unsettled = append(s.unsettled, s.negations...)
	}
	return err
}

func (s *DenService) applyAndSettle(ctx context.Context, batch Batch) error {
	outputs := make([]Output, 0, mostOutputs(batch.Inputs()))
	for i := range batch.Inputs() {
		var err error
		if outputs, err = s.applyRepeatedly(ctx, batch, i, outputs); err != nil {
			return err
		}
	}
	return s.settle(ctx, batch, outputs)
}

// mostOutputs returns how many outputs the inputs have, if none is refused.
func mostOutputs(inputs []Input) (n int) {
	for i := range inputs {
		if c := inputs[i].Event.Collisions; c != nil {
			n += max(len(c.Stations)-1, 0)
		} else {
			n++
		}
	}
	return n
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
			for _, o := range outputs {
				s.repeatLater(o.DENM)
			}
			s.tellSettled(batch.Inputs(), outputs, began)
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
			outputs = s.stillValid(batch, outputs)
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
		if err := s.publisher.Publish(ctx, denmsOf(outputs)); err != nil {
			return err
		}
	}
	*published = true
	return batch.Ack(ctx)
}

// stillValid returns the outputs whose validity is not over, and counts the others as
// dropped.
func (s *DenService) stillValid(batch Batch, outputs []Output) []Output {
	now := s.now()
	var fresh []Output
	for _, o := range outputs {
		if o.DENM.ValidUntil() < now {
			s.counts.dropped.Add(1)
			s.tellRefused(&batch.Inputs()[o.Input], ErrTooLate)
			continue
		}
		fresh = append(fresh, o)
	}
	return fresh
}
