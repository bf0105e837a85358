package den

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// repetition says when a DENM that was published is sent once more, unchanged: it is
// what is left of ETSI's timer T_Repetition (EN 302 637-3, clause 8.2.1).
type repetition struct {
	of  *DENM
	due Timestamp
}

// repetitions are those that are due one after the other. All of them wait equally long,
// so whatever is published last is due last. Most never come to it, because an update or
// the end of the event comes first; they are found out when it is their turn, or when
// there are too many of them. Whoever has the turn of the service owns them.
type repetitions struct {
	waiting []repetition
	// next is when the first one is due, 0 if there is none. Run reads it without having
	// the turn.
	next atomic.Int64
}

// changed is called after every change of what waits.
func (r *repetitions) changed() {
	next := Timestamp(0)
	if len(r.waiting) > 0 {
		next = r.waiting[0].due
	}
	r.next.Store(int64(next))
}

// repeats reports whether DENMs are repeated at all: both times have to be given.
func (s *DenService) repeats() bool {
	return s.cfg.RepetitionInterval > 0 && s.cfg.RepetitionDuration > 0
}

// repeatLater has the DENM, which was published just now, repeated after the interval.
// The last DENM of an event is not repeated.
func (s *DenService) repeatLater(d *DENM) {
	if !s.repeats() || d.Management.Termination.Valid {
		return
	}
	r := &s.repetitions
	r.waiting = append(r.waiting, repetition{of: d, due: s.now().Add(s.cfg.RepetitionInterval)})
	if most := 2*s.store.Len() + 1024; len(r.waiting) > most {
		now := s.now()
		r.waiting = slices.DeleteFunc(r.waiting, func(r repetition) bool { return !s.isRepeated(r.of, now) })
	}
	r.changed()
}

// resumeRepetitions has the DENMs of recovered records repeated in the rhythm that they
// had before.
func (s *DenService) resumeRepetitions(records []Record) {
	s.repetitions.waiting = nil
	defer s.repetitions.changed()
	if !s.repeats() {
		return
	}
	now, interval := s.now(), Timestamp(s.cfg.RepetitionInterval.Milliseconds())
	for _, record := range records {
		age := max(now-record.DENM.Management.ReferenceTime, 0)
		due := now + interval - age%interval
		s.repetitions.waiting = append(s.repetitions.waiting, repetition{of: record.DENM, due: due})
	}
	slices.SortFunc(s.repetitions.waiting, func(a, b repetition) int { return int(a.due - b.due) })
}

// isRepeated reports whether the DENM is still to be repeated: it is the latest version of
// an open event, which nothing has ended or may have ended, and neither its validity nor
// the time of its repetition is over.
func (s *DenService) isRepeated(d *DENM, now Timestamp) bool {
	record, ok := s.store.Lookup(d.Management.ActionID)
	return ok && record.DENM == d && now <= s.repeatedUntil(d) &&
		!slices.ContainsFunc(s.unsettled, func(c cancellation) bool { return c.of == record })
}

// repeatedUntil returns the end of T_RepetitionDuration, which is never later than that of
// the validity.
func (s *DenService) repeatedUntil(d *DENM) Timestamp {
	return min(d.Management.ReferenceTime.Add(s.cfg.RepetitionDuration), d.ValidUntil())
}

// repeat publishes the DENMs that are due to be repeated, at most BatchSize of them. After
// an error they are due again.
func (s *DenService) repeat(ctx context.Context) error {
	now := s.now()
	var outputs []Output
	done := 0
	for _, r := range s.repetitions.waiting {
		if len(outputs) == s.cfg.BatchSize || s.untilRepetition(r.due, now) > 0 {
			break
		}
		done++
		if s.isRepeated(r.of, now) {
			outputs = append(outputs, Output{DENM: r.of, Repetition: r.due})
		}
	}
	if len(outputs) > 0 {
		if err := s.publishOutputs(ctx, outputs); err != nil {
			return err
		}
	}
	s.repetitions.waiting = slices.Delete(s.repetitions.waiting, 0, done)
	s.repetitions.changed()
	for _, o := range outputs {
		s.counts.repeated.Add(1)
		s.logDENM("repeated", o.DENM, nil)
		s.repeatLater(o.DENM)
	}
	return nil
}

// nextRepetition returns how long to wait until the next repetition may be due, and at
// most the given time.
func (s *DenService) nextRepetition(now Timestamp, most time.Duration) time.Duration {
	due := Timestamp(s.repetitions.next.Load())
	if due == 0 {
		return most
	}
	return min(s.untilRepetition(due, now), most)
}

// untilRepetition returns how long to wait for a repetition. One that is further away
// than any can be is due: the clock was set back.
func (s *DenService) untilRepetition(due, now Timestamp) time.Duration {
	wait := due.Sub(now)
	if wait > s.cfg.RepetitionInterval {
		return 0
	}
	return max(wait, 0)
}
