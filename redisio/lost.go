package redisio

import (
	"context"
	"strconv"
	"time"
)

// lookAround looks from time to time at what is pending, whether the groups are
// there, and for what was lost.
func (s *Subscriber) lookAround(ctx context.Context) error {
	if time.Since(s.looked) < s.every {
		return nil
	}
	if s.looked.IsZero() {
		if err := s.lookForOthers(ctx); err != nil {
			return err
		}
	}
	if err := s.lookForLost(ctx); err != nil {
		return err
	}
	s.looked = time.Now()
	s.lookAgainAtPending()
	return nil
}

// lookForLost tells of entries that will never be delivered, and of a journal that is too
// short, and creates groups that are gone.
func (s *Subscriber) lookForLost(ctx context.Context) error {
	c := s.client
	for range 2 { // what was told is entered into the ledger at once
		views, journal, complete, err := c.look(ctx, s.findings())
		if err != nil {
			return err
		}
		if journal != nil {
			c.noteReach(*journal)
		}
		for i := range views {
			if views[i].replaced {
				s.replaced(s.inputs[i], views[i].delivered)
				c.tellDeleted(i, views[i].before, views[i].before.lost())
			}
		}
		if !complete {
			c.setupAgain()
			return c.Setup(ctx)
		}
		more := false
		for i, in := range s.inputs {
			s.mu.Lock()
			if views[i].replaced {
				s.mu.Unlock()
				more = true // it begins anew
				continue
			}
			moved := in.follow(views[i])
			lost, found := in.account(views[i])
			s.mu.Unlock()
			if moved {
				c.log.Warn("the consumer group of an input was set back", "stream", in.stream, "group", in.group,
					"to", views[i].delivered.String())
			}
			if lost.count > 0 {
				c.tellLost(in.stream, lost)
			}
			more = more || found
		}
		if !more {
			break
		}
	}
	return nil
}

func (s *Subscriber) findings() []finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	findings := make([]finding, len(s.inputs))
	for i, in := range s.inputs {
		findings[i] = in.found
	}
	return findings
}

// follow notes where the group stands, and reports whether somebody has set it back.
// The caller holds the lock.
func (in *inputState) follow(v view) (setBack bool) {
	switch {
	case !in.met:
		in.met, in.start = true, v.delivered
	case !in.isKnown || !in.complete: // something pending may not have been delivered to us yet
	case v.delivered != in.known:
		// Somebody has moved the group, or read from it.
		setBack = v.delivered.compare(in.known) < 0
		in.known = v.delivered
		in.restart() // what was taken from us may be pending
	}
	return setBack
}

// account finds out what was lost, and whether there is something new to enter into
// the ledger. The caller holds the lock.
func (in *inputState) account(v view) (lost loss, found bool) {
	in.seen, in.settled = v, 0
	l := v.ledger
	if f := in.found; f.known && f.was == l.text && l.text != strconv.FormatInt(f.gone, 10) {
		// It could not be entered, since we may not write. It must not be told twice.
		l.gone, l.checked, l.begun = f.gone, f.checked, true
	}
	missing, known := l.missing(v)
	switch {
	case !l.begun:
		passed, known := v.passed()
		if !known {
			in.found = finding{was: l.text}
			return loss{}, false
		}
		// The group is older than its ledger: what it has behind it is none of ours.
		in.found = finding{known: true, gone: passed - v.pending - l.settled, checked: v.delivered, was: l.text}
		return loss{}, true
	case !known:
		in.found = finding{known: true, gone: l.gone, checked: l.checked, was: l.text}
		return loss{}, false
	case missing > 0:
		lost = loss{count: missing, after: l.checked, before: v.delivered.next()}
		lost.deleted = v.deleted.compare(l.checked) > 0
		if first := v.firstLeft(); first.compare(v.delivered) > 0 && !lost.deleted {
			lost.before = first // they were trimmed
		}
		if lost.before.compare(lost.after) <= 0 {
			lost.after = entryID{}
		}
	}
	in.found = finding{known: true, gone: l.gone + missing, checked: v.delivered, was: l.text}
	return lost, missing != 0
}

// loss is entries between two ids that never will be delivered.
type loss struct {
	after, before entryID
	count         int64
	deleted       bool // some may have been deleted by their ids, on purpose
}

func (c *Client) tellLost(stream string, lost loss) {
	details := []any{"stream", stream, "after", lost.after.String(), "before", lost.before.String(), "count", lost.count}
	if lost.deleted {
		c.log.Warn("inputs were deleted before they were delivered", details...)
		return
	}
	c.counts.lost.Add(uint64(lost.count))
	c.log.Error("input lost", details...)
}
