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
	gone    int // so many of waiting, at its beginning, have had their turn
	// next is when the first one is due, 0 if there is none. Run reads it without having
	// the turn.
	next atomic.Int64
}

// set replaces all that waits.
func (r *repetitions) set(waiting []repetition) {
	r.waiting, r.gone = waiting, 0
	r.changed()
}

// add adds one that is due last.
func (r *repetitions) add(last repetition) {
	r.waiting = append(r.waiting, last)
	r.changed()
}

// left returns those that have not had their turn.
func (r *repetitions) left() []repetition { return r.waiting[r.gone:] }

// drop takes the first n away. They are moved out of the way only when they are half of
// all, so that this costs nothing even where very many wait.
func (r *repetitions) drop(n int) {
	if r.gone += n; r.gone > len(r.waiting)/2 {
		r.waiting, r.gone = slices.Delete(r.waiting, 0, r.gone), 0
	}
	r.changed()
}

// changed notes when the first one is due.
func (r *repetitions) changed() {
	next := Timestamp(0)
	if left := r.left(); len(left) > 0 {
		next = left[0].due
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
	r, now := &s.repetitions, s.now()
	r.add(repetition{of: d, due: now.Add(s.cfg.RepetitionInterval)})
	if most := 2*s.store.Len() + 1024; len(r.left()) > most {
		r.set(slices.DeleteFunc(r.left(), func(r repetition) bool { return !s.isRepeated(r.of, now) }))
	}
}

// resumeRepetitions has the DENMs of recovered records repeated in the rhythm that they
// had before.
func (s *DenService) resumeRepetitions(records []Record) {
	s.repetitions.set(nil)
	if !s.repeats() {
		return
	}
	var waiting []repetition
	now, interval := s.now(), Timestamp(s.cfg.RepetitionInterval.Milliseconds())
	for _, record := range records {
		age := max(now-record.DENM.Management.ReferenceTime, 0)
		due := now + interval - age%interval
		waiting = append(waiting, repetition{of: record.DENM, due: due})
	}
	slices.SortFunc(waiting, func(a, b repetition) int { return int(a.due - b.due) })
	s.repetitions.set(waiting)
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
	for _, r := range s.repetitions.left() {
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
	s.repetitions.drop(done)
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
