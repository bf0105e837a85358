package den

import (
	"context"
	"slices"
	"time"
)

// cancellation is the last DENM of a record, and the version of the record it
// was made from.
type cancellation struct {
	of   Record
	denm *DENM
	// gone says that the record left the store, and was counted, with the batch
	// that negated it and then could not be settled.
	gone bool
}

// endOfTime is later than any reference time, and not so late that a difference
// of two times overflows.
const endOfTime = Timestamp(1) << 42 // in the year 2109

func always(Record) bool { return true }

// Cleanup cancels the records that waited for an update longer than
// LastUpdateMaxDelay, at most BatchSize of them, and drops those whose validity
// is over without a message, as ETSI asks. Then it repeats the DENMs that are due for
// it, as many at most. It returns how long to wait until the next Cleanup is due: 0
// when more records wait.
//
// A record is gone only after its cancellation was published. After an error it
// is due again, and the next Cleanup repeats the very same cancellations, without
// those that an update, a negation or the end of the validity has overtaken.
//
// [DenService.Run] does this on its own. Call Cleanup to drive a service step by
// step.
func (s *DenService) Cleanup(ctx context.Context) (next time.Duration, err error) {
	return s.cleanup(ctx, always)
}

// cleanup is Cleanup for the records that ended says are due indeed.
func (s *DenService) cleanup(ctx context.Context, ended func(Record) bool) (next time.Duration, err error) {
	if err := s.takeTurn(ctx); err != nil {
		return 0, err
	}
	defer s.passTurn()
	s.unsettled = slices.DeleteFunc(s.unsettled, s.overtaken)
	if len(s.unsettled) == 0 {
		s.unsettled = s.expired(s.now(), s.cfg.LastUpdateMaxDelay, ended)
	}
	if err := s.publishUnsettled(ctx); err != nil {
		return 0, err
	}
	if err := s.repeat(ctx); err != nil {
		return 0, err
	}
	return s.nextCheck(), nil
}

// publishUnsettled publishes the cancellations, and takes their records out of the
// store.
func (s *DenService) publishUnsettled(ctx context.Context) error {
	denms := make([]*DENM, len(s.unsettled))
	for i, c := range s.unsettled {
		denms[i] = c.denm
	}
	if err := s.publish(ctx, denms); err != nil {
		return err
	}
	for _, c := range s.unsettled {
		if c.gone {
			continue
		}
		s.store.Remove(c.denm.Management.ActionID)
		s.counts.cancelled.Add(1)
		s.logDENM("cancelled", c.denm, nil)
	}
	s.unsettled = nil
	return nil
}

// cancelAll cancels every open event, as far as it gets before ctx ends.
func (s *DenService) cancelAll(ctx context.Context) error {
	failing := retry{log: s.log, what: "cancel", most: s.cfg.RetryInterval}
	for {
		err := s.cancelSome(ctx)
		if err == nil {
			failing.succeeded()
			if s.store.Len() == 0 {
				return nil
			}
			continue
		}
		if err := first(failing.failed(ctx, err), context.Cause(ctx)); err != nil {
			return err
		}
	}
}

// cancelSome cancels the next open events, after those that were tried before.
func (s *DenService) cancelSome(ctx context.Context) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.passTurn()
	s.unsettled = slices.DeleteFunc(s.unsettled, s.overtaken)
	if len(s.unsettled) == 0 {
		s.unsettled = s.expired(endOfTime, 0, always)
	}
	return s.publishUnsettled(ctx)
}

// overtaken reports that the cancellation shall not be repeated: an update has
// made it wrong, a negation needless, or the end of the validity illegal.
func (s *DenService) overtaken(c cancellation) bool {
	if c.gone {
		return c.denm.ValidUntil() < s.now()
	}
	record, ok := s.store.Lookup(c.denm.Management.ActionID)
	return !ok || record != c.of || record.DENM.ValidUntil() < s.now()
}

// cancellationOf returns the cancellation of the record: the one that may be
// published already, if there is one, so that no second one joins it.
func (s *DenService) cancellationOf(record Record) cancellation {
	for _, c := range s.unsettled {
		if c.of == record {
			return c
		}
	}
	return cancellation{of: record, denm: record.DENM.Cancellation(s.now())}
}

// afterUnsettled returns now, or a later time where a cancellation of the pair
// may be published already: an update has to be newer than it, and the store
// knows nothing of it.
func (s *DenService) afterUnsettled(pair Key, now Timestamp) Timestamp {
	for _, c := range s.unsettled {
		if cancelled, _ := c.denm.Key(); cancelled.Canonical() == pair.Canonical() {
			now = max(now, c.denm.Management.ReferenceTime+1)
		}
	}
	return now
}

// expired drops the records whose validity is over, of those that at the given
// time had no update for longer than delay. It returns the cancellations of the
// other ones, unless ended says that they are not due.
func (s *DenService) expired(at Timestamp, delay time.Duration, ended func(Record) bool) []cancellation {
	now := s.now()
	var due []cancellation
	for _, record := range s.store.Expired(at, delay, s.cfg.BatchSize) {
		switch {
		case record.DENM.ValidUntil() < now:
			s.drop(record)
		case ended(record):
			due = append(due, cancellation{of: record, denm: record.DENM.Cancellation(now)})
		}
	}
	return due
}

func (s *DenService) drop(record Record) {
	s.store.Remove(record.DENM.Management.ActionID)
	s.counts.expired.Add(1)
	s.logDENM("expired", record.DENM, nil)
}
