package den

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// ErrRunning is returned by Run while another Run of the same service works.
var ErrRunning error = reason("den: the service is running already")

// ErrShutdownTimeout is in the error of Run when ShutdownTimeout was too short to
// finish what was in hand. What was received and not finished will be received
// again by the next process.
var ErrShutdownTimeout error = reason("den: the work in hand was not finished within ShutdownTimeout")

// Run handles everything that sub delivers, and cancels what is due, until ctx
// ends. It publishes the outputs of a batch before it acknowledges the inputs,
// in one step where the Publisher is a [Committer]. What fails is tried again,
// after a pause that grows up to RetryInterval, for ever; only ErrPermanent ends
// Run early.
//
// Where the Publisher is an [Owner], Run first stands by until nobody else owns
// the streams, and stands by again when another owner takes over. Where it is a
// [Replayer], Run begins with what an earlier process left: it fills the Store
// with the events that are open, so that they go on under their action ids or are
// cancelled.
//
// A record is cancelled only when the inputs that came meanwhile were looked at:
// after a stall of this process or of the transport, the updates that waited come
// first.
//
// When ctx ends, Run stops reading, finishes the batches in hand within
// ShutdownTimeout and returns an *[InterruptError] with the cause, whose
// attribute "drained" tells whether all batches were finished. Records stay
// open, unless CancelOnExit says otherwise. It returns nil when Receive returned
// ErrEndOfInput and all is settled.
//
// Run starts two goroutines, one of which reads ahead by one batch while the
// other batch is published. Both have ended when it returns; for this it waits
// until the last Receive returns.
func (s *DenService) Run(ctx context.Context, sub Subscriber) error {
	if !s.running.CompareAndSwap(false, true) {
		return ErrRunning
	}
	defer s.running.Store(false)
	owner, ok := s.publisher.(Owner)
	if !ok {
		return s.runOnce(ctx, sub)
	}
	for {
		err := s.own(ctx, owner, func(ctx context.Context) error { return s.runOnce(ctx, sub) })
		if !errors.Is(err, ErrFenced) || ctx.Err() != nil {
			return err
		}
		s.log.Warn("another owner has taken over; standing by", "error", err)
		s.forgetRecords(ctx)
	}
}

// own calls work as soon as we own the streams.
func (s *DenService) own(ctx context.Context, owner Owner, work func(context.Context) error) error {
	failing := retry{log: s.log, what: "acquiring the streams", most: s.cfg.RetryInterval}
	for {
		worked := false
		err := owner.Own(ctx, func(ctx context.Context) error {
			worked = true
			failing.succeeded()
			return work(ctx)
		})
		if worked {
			return err
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		} else {
			err = failing.failed(ctx, err)
		}
		if err != nil {
			return s.interrupted("stand by", err, true)
		}
	}
}

// runOnce is Run while we own the streams.
func (s *DenService) runOnce(ctx context.Context, sub Subscriber) error {
	if err := s.recoverRecords(ctx); err != nil {
		return s.interrupted("recover", err, true)
	}
	var goroutines sync.WaitGroup
	defer goroutines.Wait()
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	working, stopWorking := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stopWorking(nil)
	goroutines.Go(func() { s.endAfterGrace(ctx, working, stopWorking) })

	// work has returned, or panicked: nobody takes a delivery any more.
	stopped := make(chan struct{})
	stop := sync.OnceFunc(func() { close(stopped) })
	defer stop()

	deliveries := make(chan delivery)
	var readErr error // may be read once deliveries is closed
	goroutines.Go(func() {
		defer close(deliveries)
		readErr = s.receive(reading, sub, deliveries, stopped)
	})
	err := s.work(working, deliveries)
	drained := err == nil
	stopReading()
	stop()
	for d := range deliveries {
		d.release()
	}
	if err == nil {
		err = readErr
	}
	if drained && s.cfg.CancelOnExit && ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrFenced) {
		err = first(s.cancelAll(working), err)
	}
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) && !errors.Is(err, ErrShutdownTimeout) {
		err = cause
	}
	return s.interrupted("run", err, drained)
}

func (s *DenService) interrupted(op string, cause error, drained bool) error {
	return &InterruptError{Op: op, Cause: cause, Attrs: []slog.Attr{
		slog.Bool("drained", drained), slog.Int("active", s.store.Len()),
	}}
}

// endAfterGrace stops the work ShutdownTimeout after ctx has ended.
func (s *DenService) endAfterGrace(ctx, working context.Context, stopWorking context.CancelCauseFunc) {
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
		stopWorking(&because{reason: ErrShutdownTimeout, cause: context.Cause(ctx)})
	}
}
