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

// Cleanup cancels the records that waited for an update longer than
// LastUpdateMaxDelay, at most BatchSize of them, and drops those whose validity
// is over without a message, as ETSI asks. It returns how long to wait until the
// next Cleanup is due: 0 when more records wait.
//
// A record is gone only after its cancellation was published. After an error it
// is due again, and the next Cleanup repeats the very same cancellations, without
// those that an update, a negation or the end of the validity has overtaken.
//
// [DenService.Run] does this on its own. Call Cleanup to drive a service step by
// step.
func (s *DenService) Cleanup(ctx context.Context) (next time.Duration, err error) {
	if err := s.takeTurn(ctx); err != nil {
		return 0, err
	}
	defer s.passTurn()
	s.unsettled = slices.DeleteFunc(s.unsettled, s.overtaken)
	if len(s.unsettled) == 0 {
		s.unsettled = s.expire()
	}
	denms := make([]*DENM, len(s.unsettled))
	for i, c := range s.unsettled {
		denms[i] = c.denm
	}
	if err := s.publish(ctx, denms); err != nil {
		return 0, err
	}
	for _, c := range s.unsettled {
		if c.gone {
			continue
		}
		s.store.Remove(c.denm.Management.ActionID)
		s.counts.cancelled.Add(1)
		s.logDENM("cancelled", c.denm)
	}
	s.unsettled = nil
	return s.nextCheck(), nil
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

// expire drops the records whose validity is over and returns the cancellations
// of the other ones that are due.
func (s *DenService) expire() []cancellation {
	now := s.now()
	var due []cancellation
	for _, record := range s.store.Expired(now, s.cfg.LastUpdateMaxDelay, s.cfg.BatchSize) {
		if record.DENM.ValidUntil() < now {
			s.store.Remove(record.DENM.Management.ActionID)
			s.counts.expired.Add(1)
			s.logDENM("expired", record.DENM)
			continue
		}
		due = append(due, cancellation{of: record, denm: record.DENM.Cancellation(now)})
	}
	return due
}
