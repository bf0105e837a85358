package den

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// ErrRunning is returned by Run while another Run of the same service works.
var ErrRunning = errors.New("den: the service is running already")

// Run handles everything that sub delivers, and cancels what is due, until ctx
// ends. It publishes the outputs of a batch before it acknowledges the inputs,
// in one step where the Publisher is a [Committer]. What fails is tried again,
// after a pause that grows up to RetryInterval, for ever; only ErrPermanent ends
// Run early.
//
// When ctx ends, Run stops reading, finishes the batches in hand within
// ShutdownTimeout and returns an *[InterruptError] with the cause, whose
// attribute "drained" tells whether all batches were finished. Records stay
// open. It returns nil when Receive returned ErrEndOfInput and all is settled.
//
// Run starts two goroutines, one of which reads ahead by one batch while the
// other batch is published. Both have ended when it returns; for this it waits
// until the last Receive returns.
func (s *DenService) Run(ctx context.Context, sub Subscriber) error {
	if !s.running.CompareAndSwap(false, true) {
		return ErrRunning
	}
	defer s.running.Store(false)

	var goroutines sync.WaitGroup
	defer goroutines.Wait()
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()
	goroutines.Go(func() { s.endAfterGrace(ctx, working, stopWorking) })

	// work has returned, or panicked: nobody takes a batch any more.
	stopped := make(chan struct{})
	stop := sync.OnceFunc(func() { close(stopped) })
	defer stop()

	batches := make(chan Batch)
	var readErr error // may be read once batches is closed
	goroutines.Go(func() {
		defer close(batches)
		readErr = s.receive(reading, sub, batches, stopped)
	})
	err := s.work(working, batches)
	drained := err == nil
	stopReading()
	stop()
	for batch := range batches {
		batch.Release()
	}
	if err == nil {
		err = readErr
	}
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	return &InterruptError{Op: "run", Cause: err, Attrs: []slog.Attr{
		slog.Bool("drained", drained), slog.Int("active", s.store.Len()),
	}}
}

// endAfterGrace stops the work ShutdownTimeout after ctx has ended.
func (s *DenService) endAfterGrace(ctx, working context.Context, stopWorking func()) {
	select {
	case <-working.Done():
		return
	case <-ctx.Done():
	}
	grace := time.NewTimer(s.cfg.ShutdownTimeout)
	defer grace.Stop()
	select {
	case <-working.Done():
	case <-grace.C:
		stopWorking()
	}
}

// receive reads batches until ctx ends, and hands each of them over. When nobody
// takes them any more it gives them back.
func (s *DenService) receive(ctx context.Context, sub Subscriber, batches chan<- Batch, stopped <-chan struct{}) error {
	failing := retry{log: s.log, what: "receive", most: s.cfg.RetryInterval}
	for ctx.Err() == nil {
		batch, err := sub.Receive(ctx, s.cfg.BatchSize)
		switch {
		case err == nil:
			failing.succeeded()
			if batch == nil {
				break
			}
			select {
			case batches <- batch:
			case <-stopped:
				batch.Release()
			}
		case errors.Is(err, ErrEndOfInput):
			return nil
		case ctx.Err() != nil:
		default:
			s.counts.receiveErrors.Add(1)
			if err := failing.failed(ctx, err); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return context.Cause(ctx)
}

// work handles batches and cleans up until batches is closed.
func (s *DenService) work(ctx context.Context, batches <-chan Batch) error {
	check := time.NewTimer(s.nextCheck())
	defer check.Stop()
	cleanup := retry{log: s.log, what: "cancel", most: s.cfg.RetryInterval}
	for {
		due := false
		select {
		case batch, ok := <-batches:
			if !ok {
				return nil
			}
			if err := s.handleBatch(ctx, batch); err != nil {
				return err
			}
		case <-s.wake:
		case <-check.C:
			due = true
		}
		if due {
			if err := s.handleWaiting(ctx, batches); err != nil {
				return err
			}
			pause, err := s.tryCleanup(ctx, &cleanup)
			if err != nil {
				return err
			}
			check.Reset(pause)
		} else if cleanup.failures == 0 { // else the timer is set to the end of the pause
			check.Reset(s.nextCheck())
		}
	}
}

// handleWaiting handles the batch that is read already, if there is one. After a
// stall it may hold the very updates that the records which are due now have
// missed. One is enough: under load cleaning up must have its turn too.
func (s *DenService) handleWaiting(ctx context.Context, batches <-chan Batch) error {
	select {
	case batch, ok := <-batches:
		if ok {
			return s.handleBatch(ctx, batch)
		}
	default:
	}
	return nil
}

// tryCleanup cleans up, and returns how long to wait until the next time. A
// failure is an error only when trying again is of no use.
func (s *DenService) tryCleanup(ctx context.Context, failing *retry) (time.Duration, error) {
	next, err := s.Cleanup(ctx)
	if err == nil {
		failing.succeeded()
		return next, nil
	}
	pause, err := failing.pause(err)
	return pause, first(err, context.Cause(ctx))
}

// handleBatch applies the inputs of a batch and settles it.
func (s *DenService) handleBatch(ctx context.Context, batch Batch) error {
	defer batch.Release()
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.passTurn()
	s.negations = nil
	var outputs []Output
	for i := range batch.Inputs() {
		outputs = s.applyInput(&batch.Inputs()[i], i, outputs)
	}
	err := s.settle(ctx, batch, outputs)
	if err != nil {
		// Their records are gone, so a negation that comes again finds nothing: a
		// later Cleanup has to publish them.
		s.unsettled = append(s.unsettled, s.negations...)
	}
	return err
}

// applyInput appends the outputs of one input. Whatever the input holds, it is
// dealt with: refusals are counted.
func (s *DenService) applyInput(in *Input, index int, outputs []Output) []Output {
	emit := func(d *DENM) { outputs = append(outputs, Output{DENM: d, Input: index}) }
	switch {
	case in.Err != nil:
		s.reject(in)
	case in.Event.Collisions != nil:
		if err := s.applyCollisions(in.Event.Collisions, emit); err != nil {
			s.log.Debug("collisions refused", "input", in.ID, "event", in.Event.ID, "error", err)
		}
	default:
		record, err := s.negated(in.Event.DENM)
		if err != nil {
			s.log.Debug("denm ignored", "input", in.ID, "event", in.Event.ID, "error", err)
			break
		}
		if s.cfg.CancelOnNegation {
			// The record goes at once, not after the commit as elsewhere: should
			// the same pair come again in this batch, it is a new event.
			ending := s.cancellationOf(record)
			ending.gone = true
			emit(ending.denm)
			s.negations = append(s.negations, ending)
			s.counts.cancelled.Add(1)
		}
		s.negate(record)
	}
	return outputs
}

func (s *DenService) reject(in *Input) {
	if errors.Is(in.Err, ErrInputLost) {
		s.counts.lost.Add(1)
		s.log.Error("input lost", "input", in.ID, "error", in.Err)
		return
	}
	s.counts.rejected.Add(1)
	if n := s.rejections.admit(s.cfg.Now()); n > 0 {
		s.log.Warn("inputs rejected", "count", n, "last", in.ID, "source", in.Event.Source, "error", in.Err)
	}
	s.log.Debug("input rejected", "input", in.ID, "event", in.Event.ID, "source", in.Event.Source, "error", in.Err)
}

// settle publishes the outputs and acknowledges the batch, and does not give up
// before ctx ends.
func (s *DenService) settle(ctx context.Context, batch Batch, outputs []Output) error {
	failing := retry{log: s.log, what: "publish", most: s.cfg.RetryInterval}
	published := false
	for {
		err := s.settleOnce(ctx, batch, outputs, &published)
		if err == nil {
			failing.succeeded()
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
