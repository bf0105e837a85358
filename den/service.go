package den

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// DenService turns collision arrays into DENMs and manages their life: it opens
// an event for a new pair, updates it while predictions come, cancels it when
// they stop, and drops it when another station negates it.
//
// All methods may be called concurrently, while Run works too. They queue: what
// was applied first is published first, and a call that waits for its turn
// returns when its context ends.
type DenService struct {
	cfg       Config
	store     Store
	publisher Publisher
	log       *slog.Logger
	counts    counters

	// turn is the right to apply and publish; whoever can send into it has it.
	// It is a channel and not a mutex because it is held while publishing: the
	// wait for it must end with the caller's context.
	turn chan struct{}
	// wake tells Run that a direct call changed when the next check is due.
	wake    chan struct{}
	running atomic.Bool
	// rejections tells of rejected inputs, and refusals of predictions that were
	// refused. Only Run has inputs, and owns them.
	rejections, refusals summary
	// unsettled are cancellations that a failed Publish may or may not have
	// published. Whoever has the turn owns it.
	unsettled []cancellation
	// negations are the cancellations that the batch in hand publishes for its
	// negations. Whoever has the turn owns them.
	negations []cancellation
	// madeFirst is the earliest time at which a DENM was made of a collision array since Run
	// looked, 0 if there is none.
	madeFirst atomic.Int64
	// repetitions are the DENMs to be sent once more. Whoever has the turn owns them.
	repetitions repetitions
}

// New returns a service that is ready for use, or an error that lists what is
// wrong with the configuration. It starts nothing.
func New(cfg Config) (*DenService, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &DenService{
		cfg:        cfg,
		store:      cfg.Store,
		publisher:  cfg.Publisher,
		log:        cfg.Logger,
		turn:       make(chan struct{}, 1),
		wake:       make(chan struct{}, 1),
		rejections: summary{what: "inputs rejected"},
		refusals:   summary{what: "predictions refused"},
	}, nil
}

// HandleCollisions applies a collision array and publishes its DENMs, one for
// each station after the first.
//
// Some pairs may be refused while the others go on: the error then holds a
// *[PairError] for each of them, around ErrStale, ErrTooLate or
// ErrSequenceExhausted, or around an error of the Store's own. ErrFuture and a
// *[FieldError] refuse the whole array. Any other error is the Publisher's; the
// records stay, and a repeated call publishes them anew, as updates with the same
// action ids.
//
// The array is only read, and not kept.
func (s *DenService) HandleCollisions(ctx context.Context, c *StationCollisions) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.passTurn()
	s.counts.arrays.Add(1)
	var denms []*DENM
	refused, failed := s.applyCollisions(c, nil, new(pairs), func(d *DENM) { denms = append(denms, d) })
	if failed != nil {
		s.counts.storeErrors.Add(1)
	}
	if refused != nil {
		s.tellRefused(nil, refused)
	}
	if err := s.publish(ctx, denms); err != nil {
		return err
	}
	return joined(refused, failed)
}

// HandleDENM applies a DENM from another station. A negation of one of our events
// removes its record, and with CancelOnNegation also publishes its cancellation; a nil
// error says so. Nothing is remembered of it: a collision array about the pair that
// comes later opens a new event, even if it was detected earlier. ErrNotNegation,
// ErrOwnMessage, ErrUnknownAction and ErrOutdated say that and why the message changed
// nothing, which is usual. With Config.Received, a DENM about an event of another
// station is handed to it; nil and the errors of [Received.Handle] say what it made of
// it. Any other error is the Publisher's: the record stays until a repeated call or the
// next Cleanup has published the cancellation.
func (s *DenService) HandleDENM(ctx context.Context, d *DENM) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.passTurn()
	if s.isOthers(d) {
		return s.receiveDENM(d, nil)
	}
	record, err := s.negated(d)
	if err != nil {
		s.tellRefused(nil, err)
		return err
	}
	if s.cancelsNegated(record) {
		ending := s.cancellationOf(record)
		if err := s.publish(ctx, []*DENM{ending.denm}); err != nil {
			if !slices.Contains(s.unsettled, ending) {
				s.unsettled = append(s.unsettled, ending)
			}
			return err
		}
		s.counts.cancelled.Add(1)
	}
	s.negate(record, nil)
	return nil
}

// Stats returns a snapshot of the counters. It never waits.
func (s *DenService) Stats() Stats {
	stats := s.counts.snapshot()
	stats.Active = s.store.Len()
	return stats
}

func (s *DenService) now() Timestamp { return TimestampOf(s.cfg.Now()) }

func (s *DenService) takeTurn(ctx context.Context) error {
	if ctx.Err() != nil { // select would choose at random
		return context.Cause(ctx)
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// passTurn lets the next caller in and has Run look at the clock again: a record that is
// due earlier than all others may have come.
func (s *DenService) passTurn() {
	<-s.turn
	select {
	case s.wake <- struct{}{}:
	default: // it is going to look anyway
	}
}

// publish sends DENMs that were not made from an input of Run's.
func (s *DenService) publish(ctx context.Context, denms []*DENM) error {
	if len(denms) == 0 {
		return nil
	}
	outputs := make([]Output, len(denms))
	for i, d := range denms {
		outputs[i].DENM = d
	}
	if err := s.publishOutputs(ctx, outputs); err != nil {
		return err
	}
	for _, d := range denms {
		s.repeatLater(d)
	}
	return nil
}

// publishOutputs publishes outputs without inputs.
func (s *DenService) publishOutputs(ctx context.Context, outputs []Output) (err error) {
	began := time.Now()
	if committer, ok := s.publisher.(Committer); ok {
		err = committer.Commit(ctx, nil, outputs)
	} else {
		err = s.publisher.Publish(ctx, denmsOf(outputs))
	}
	if err != nil {
		s.counts.publishErrors.Add(1)
		return err
	}
	s.tellSettled(nil, outputs, began)
	return nil
}

func denmsOf(outputs []Output) []*DENM {
	denms := make([]*DENM, len(outputs))
	for i, o := range outputs {
		denms[i] = o.DENM
	}
	return denms
}

// nextCheck returns how long it is until something is due.
func (s *DenService) nextCheck() time.Duration {
	now := s.now()
	return s.nextRepetition(now, s.store.NextCheck(now, s.cfg.LastUpdateMaxDelay, s.cfg.CheckMaxInterval))
}

// noteMade notes that a record was opened or updated at the given time, by which Run knows
// how soon it may be due without a look at all records: what was there before has been
// asked for, and an update of it can only be due later. The caller has the turn, so that
// only Run, which takes the time away, comes between.
func (s *DenService) noteMade(now Timestamp) {
	if first := s.madeFirst.Load(); first == 0 || int64(now) < first { // the clock was set back
		s.madeFirst.Store(int64(now))
	}
}

// soonestDue returns how soon something of what was noted since the last time may be due.
func (s *DenService) soonestDue() Timestamp {
	made := Timestamp(s.madeFirst.Swap(0))
	if made == 0 {
		return endOfTime
	}
	return made.Add(s.cfg.LastUpdateMaxDelay) + 1
}

// until returns how long it is until something is due, which for a record is not before
// next.
func (s *DenService) until(next Timestamp) time.Duration {
	now := s.now()
	return s.nextRepetition(now, min(max(next.Sub(now), 0), s.cfg.CheckMaxInterval))
}
