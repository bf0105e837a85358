package den

import (
	"context"
	"fmt"
	"log/slog"
)

// What a message can be refused or ignored for, beside ErrStale and
// ErrSequenceExhausted. None of it is a failure of the service.
var (
	// ErrTooLate means that the warning would be over already when it is sent.
	ErrTooLate error = reason("den: the warning's validity is over")
	// ErrFuture means that a collision array was detected later than our clock
	// and the allowed skew can explain.
	ErrFuture error = reason("den: the detection time lies in the future")
	// ErrNotNegation means that a DENM does not negate anything: it opens,
	// updates or cancels an event of another station.
	ErrNotNegation error = reason("den: the DENM is not a negation")
	// ErrOwnMessage means that a DENM carries our own station id. Only another station
	// can negate an event of ours.
	ErrOwnMessage error = reason("den: the DENM is our own message")
	// ErrUnknownAction means that no open event has the action id of a negation.
	ErrUnknownAction error = reason("den: no open event has this action id")
	// ErrOutdated means that a negation is older than the record it names: it
	// was meant for an earlier event with the same action id. Of a DENM about an event
	// of another station it means that its reference time or its detection time is older
	// than that of the latest one.
	ErrOutdated error = reason("den: the DENM is older than the record")
)

// PairError says that one pair of a collision array was refused, and why.
type PairError struct {
	Pair Key
	Err  error
}

// Error returns the reason and the pair.
func (e *PairError) Error() string { return fmt.Sprintf("%v (pair %s)", e.Err, e.Pair) }

// LogValue implements slog.LogValuer.
func (e *PairError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("reason", fmt.Sprint(e.Err)), slog.String("pair", e.Pair.String()))
}

// Unwrap returns the reason.
func (e *PairError) Unwrap() error { return e.Err }

// pairs marks pairs of a collision array, by the index of their target.
type pairs [MaxStations]bool

// applyCollisions brings a collision array into the store and hands every DENM
// that comes of it to emit. It returns what was refused, and apart from that the
// errors of a Store that failed. Pairs that are done are left out, and those that
// the Store did not fail on are done then. By is the input that the array came with,
// or nil. The caller has the turn.
func (s *DenService) applyCollisions(c *StationCollisions, by *Input, done *pairs, emit func(*DENM)) (refused, failed error) {
	now := s.now()
	if err := c.Validate(); err != nil {
		s.counts.invalid.Add(1)
		return err, nil
	}
	if c.DetectionTime > now.Add(s.cfg.MaxClockSkew) {
		s.counts.future.Add(1)
		return ErrFuture, nil
	}
	p := Prediction{
		StationID:     s.cfg.StationID,
		Template:      &s.cfg.Template,
		Linger:        s.cfg.TimeAfterCollision + s.cfg.LastUpdateMaxDelay,
		DetectionTime: c.DetectionTime,
		Reference:     &c.Stations[0],
	}
	var created, updated uint64
	defer func() { // even if the Store panics
		s.counts.created.Add(created)
		s.counts.updated.Add(updated)
	}()
	for i := 1; i < len(c.Stations); i++ {
		if done[i] {
			continue
		}
		p.Target = &c.Stations[i]
		d, change, err := s.upsert(p, now)
		done[i] = true
		if err != nil {
			err := &PairError{Pair: p.Key(), Err: err}
			if s.counts.refused(err) {
				refused = joined(refused, err)
			} else {
				failed = joined(failed, err)
				done[i] = false
			}
			continue
		}
		if created+updated == 0 {
			s.noteMade(now)
		}
		if change == Created {
			created++
		} else {
			updated++
		}
		s.logDENM(change.String(), d, by)
		emit(d)
	}
	return refused, failed
}

func (s *DenService) upsert(p Prediction, now Timestamp) (*DENM, Change, error) {
	if p.ValidUntil() < now {
		return nil, 0, ErrTooLate
	}
	if len(s.unsettled) > 0 {
		now = s.afterUnsettled(p.Key(), now)
	}
	return s.store.Upsert(p, now)
}

// negated returns the record that a DENM negates, or why it negates none.
func (s *DenService) negated(d *DENM) (Record, error) {
	s.counts.denms.Add(1)
	record, err := s.findNegated(d)
	if err != nil {
		s.counts.refused(err)
	}
	return record, err
}

func (s *DenService) findNegated(d *DENM) (Record, error) {
	var record Record
	if d != nil {
		record, _ = s.store.Lookup(d.Management.ActionID)
	}
	return record, negates(d, s.cfg.StationID, record)
}

// negates returns nil if a DENM negates the record, which has its action id or is
// zero, and else why it does not.
func negates(d *DENM, us StationID, record Record) error {
	switch {
	case d != nil && d.StationID == us:
		return ErrOwnMessage
	case d == nil || !d.Is(IsNegation):
		return ErrNotNegation
	case record.DENM == nil:
		return ErrUnknownAction
	// A negation repeats the reference time of the version it negates. One
	// without a readable time is believed: a negation must not be lost.
	case d.Management.ReferenceTime != 0 && d.Management.ReferenceTime < record.Created:
		return ErrOutdated
	}
	return nil
}

// cancelsNegated reports whether the negation of the record publishes a
// cancellation. An event that is over must not be ended any more.
func (s *DenService) cancelsNegated(record Record) bool {
	return s.cfg.CancelOnNegation && record.DENM.ValidUntil() >= s.now()
}

func (s *DenService) negate(record Record, by *Input) {
	s.store.Remove(record.DENM.Management.ActionID)
	s.counts.negated.Add(1)
	s.logDENM("negated", record.DENM, by)
}

// logDENM tells a change of a record, for those who look closely.
func (s *DenService) logDENM(event string, d *DENM, by *Input) {
	if !s.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	key, _ := d.Key()
	attrs := []slog.Attr{
		slog.String("action", d.Management.ActionID.String()),
		slog.String("pair", key.String()),
		slog.String("referenceTime", d.Management.ReferenceTime.String()),
	}
	if by != nil {
		attrs = append(attrs, slog.String("input", by.ID), slog.String("event", by.Event.ID))
	}
	s.log.LogAttrs(context.Background(), slog.LevelDebug, "denm "+event, attrs...)
}
