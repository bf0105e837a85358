package den

import (
	"context"
	"errors"
)

// applyRepeatedly appends the outputs of one input. Should the Store fail, it tries
// again with the pairs that it failed on, and in the end rejects the input, which
// must not stop those behind it for ever. It returns an error only when ctx ends.
func (s *DenService) applyRepeatedly(ctx context.Context, batch Batch, index int, outputs []Output) ([]Output, error) {
	in := &batch.Inputs()[index]
	if in.Event.Collisions != nil {
		s.counts.arrays.Add(1)
	}
	var done pairs
	failing := retry{log: s.log, what: "apply", most: s.cfg.RetryInterval}
	for attempt := 1; ; attempt++ {
		var err error
		if outputs, err = s.applyInput(in, index, &done, outputs); err == nil {
			failing.succeeded()
			return outputs, nil
		}
		s.counts.storeErrors.Add(1)
		if attempt == s.cfg.MaxAttempts || failing.failed(ctx, err) != nil {
			if ctx.Err() != nil {
				return outputs, context.Cause(ctx)
			}
			batch.Reject(index, err)
			s.rejected(in, err)
			return outputs, nil
		}
	}
}

// applyInput appends the outputs of one input. Refusals are counted, and dealt with
// by that; an error is one of the Store's.
func (s *DenService) applyInput(in *Input, index int, done *pairs, outputs []Output) ([]Output, error) {
	emit := func(d *DENM) { outputs = append(outputs, Output{DENM: d, Input: index}) }
	switch {
	case in.Err != nil:
		s.reject(in)
	case in.Event.Collisions != nil:
		refused, failed := s.applyCollisions(in.Event.Collisions, in, done, emit)
		if refused != nil {
			s.refusals.add(s, in, refused)
			s.tellRefused(in, refused)
			s.log.Debug("collisions refused", "input", in.ID, "event", in.Event.ID, "error", refused)
		}
		return outputs, failed
	case s.isOthers(in.Event.DENM):
		if err := s.receiveDENM(in.Event.DENM, in); err != nil {
			s.log.Debug("denm ignored", "input", in.ID, "event", in.Event.ID, "error", err)
		}
	default:
		record, err := s.negated(in.Event.DENM)
		if err != nil {
			s.tellRefused(in, err)
			s.log.Debug("denm ignored", "input", in.ID, "event", in.Event.ID, "error", err)
			break
		}
		if s.cancelsNegated(record) {
			// The record goes at once, not after the commit as elsewhere: should
			// the same pair come again in this batch, it is a new event.
			ending := s.cancellationOf(record)
			ending.gone = true
			emit(ending.denm)
			s.negations = append(s.negations, ending)
			s.counts.cancelled.Add(1)
		}
		s.negate(record, in)
	}
	return outputs, nil
}

func (s *DenService) reject(in *Input) {
	if errors.Is(in.Err, ErrInputLost) {
		s.counts.lost.Add(1)
		s.tellRejected(in, in.Err)
		s.log.Error("input lost", "input", in.ID, "error", in.Err)
		return
	}
	s.rejected(in, in.Err)
}

func (s *DenService) rejected(in *Input, reason error) {
	s.counts.rejected.Add(1)
	s.rejections.add(s, in, reason)
	s.tellRejected(in, reason)
	s.log.Debug("input rejected", "input", in.ID, "event", in.Event.ID, "source", in.Event.Source, "error", reason)
}

// tellSummaries tells of what has happened and was not told yet, if it is time.
func (s *DenService) tellSummaries() {
	now := s.cfg.Now()
	s.rejections.tell(s.log, s.rejections.due(now))
	s.refusals.tell(s.log, s.refusals.due(now))
}

// flushSummaries tells of the rest.
func (s *DenService) flushSummaries() {
	s.rejections.tell(s.log, s.rejections.flush())
	s.refusals.tell(s.log, s.refusals.flush())
}
