package den

import (
	"context"
	"time"
)

// work handles batches and cleans up until deliveries is closed.
func (s *DenService) work(ctx context.Context, deliveries <-chan delivery) (err error) {
	line := &settlement{service: s}
	defer func() { err = first(err, line.finish()) }()
	var heard Timestamp
	check := time.NewTimer(0)
	defer check.Stop()
	checked := false // Run may begin with cancellations that an earlier one could not publish
	cleanup := retry{log: s.log, what: "cancel", most: s.cfg.RetryInterval}
	held := false // records are due that wait for a delivery
	for {
		due := false
		select {
		case d, ok := <-deliveries:
			if !ok {
				s.flushSummaries()
				return nil
			}
			if err := s.handle(ctx, d, &heard, line); err != nil {
				return err
			}
			held = false
		case o := <-line.done:
			if err := line.finished(o); err != nil {
				return err
			}
		case <-s.wake:
		case <-check.C:
			due = true
		}
		switch {
		case due:
			if err := s.handleWaiting(ctx, deliveries, &heard, line); err != nil {
				return err
			}
			if err := line.finish(); err != nil {
				return err
			}
			pause, err := s.tryCleanup(ctx, heard, &held, &cleanup)
			if err != nil {
				return err
			}
			check.Reset(pause)
			checked = true
		case !checked || held || cleanup.failures > 0: // the timer is set
		default:
			check.Reset(s.nextCheck())
		}
	}
}

func (s *DenService) handle(ctx context.Context, d delivery, heard *Timestamp, line *settlement) error {
	s.tellSummaries()
	if d.batch != nil {
		if err := s.handleBatch(ctx, d.batch, line); err != nil {
			return err
		}
	}
	*heard = d.heard
	return nil
}

// handleWaiting handles what is received already, if there is something. After a
// stall it may hold the very updates that the records which are due now have
// missed. One is enough: under load cleaning up must have its turn too.
func (s *DenService) handleWaiting(ctx context.Context, deliveries <-chan delivery, heard *Timestamp, line *settlement) error {
	select {
	case d, ok := <-deliveries:
		if ok {
			return s.handle(ctx, d, heard, line)
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
		next = s.listenFor()
	}
	failing.succeeded()
	return next, nil
}

// handleBatch applies the inputs of a batch, and begins to settle it when the batch
// before is settled. An error may be that of either.
func (s *DenService) handleBatch(ctx context.Context, batch Batch, line *settlement) error {
	if s.waiting.Load() > 0 { // others must have their turn, too
		if err := line.finish(); err != nil {
			batch.Release()
			return err
		}
	}
	if !line.underWay() {
		if err := s.takeTurn(ctx); err != nil {
			batch.Release()
			return err
		}
	}
	begun := false
	defer func() {
		if begun {
			return
		}
		batch.Release()
		if !line.underWay() {
			s.passTurn()
		}
	}()
	s.negations = nil
	applied := time.Now()
	outputs, err := s.applyBatch(ctx, batch)
	negations := s.negations
	if err = first(line.wait(), err); err != nil {
		s.notSettled(negations)
		return err
	}
	if time.Since(applied) > stillFresh {
		outputs = s.stillValid(outputs)
	}
	line.begin(ctx, batch, outputs, negations)
	begun = true
	return nil
}

// stillFresh is how old outputs may be that are published without another look at the
// clock: the batch before may have taken long.
const stillFresh = 100 * time.Millisecond

func (s *DenService) applyBatch(ctx context.Context, batch Batch) ([]Output, error) {
	var outputs []Output
	for i := range batch.Inputs() {
		var err error
		if outputs, err = s.applyRepeatedly(ctx, batch, i, outputs); err != nil {
			return nil, err
		}
	}
	return outputs, nil
}
