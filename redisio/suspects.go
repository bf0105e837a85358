package redisio

import (
	"context"
	"time"
)

// suspect is how many processes must have died with an input in hand before it is
// delivered alone, so that those around it are not put aside with it. Where
// MaxDeliveries is small it is less.
const suspect = 3

// apart returns how many of the entries may be delivered together. A suspect comes
// alone.
func (s *Subscriber) apart(entries []pendingEntry) (some []pendingEntry, alone bool) {
	most := s.client.opts.MaxDeliveries
	for i, e := range entries {
		if e.deliveries >= max(min(suspect, most-1), 1) && e.deliveries < most {
			return entries[:max(i, 1)], i == 0
		}
	}
	return entries, false
}

// holdAlone closes a batch that has a suspect: until it is settled nothing else is
// delivered, for then it would be in hand when the process dies.
func (s *Subscriber) holdAlone(b *batch) {
	b.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.suspect = b
}

// errSuspect says that others have to wait.
var errSuspect error = &Error{Meaning: "an input that processes have died with is in hand, and no other is delivered before it is settled"}

// awaitSuspect waits until no batch with a suspect is in hand, until the given time at
// the latest.
func (s *Subscriber) awaitSuspect(ctx context.Context, until time.Time) error {
	s.mu.Lock()
	b := s.suspect
	s.mu.Unlock()
	if b == nil {
		return nil
	}
	timer := time.NewTimer(max(time.Until(until), leastBlock))
	defer timer.Stop()
	select {
	case <-b.out:
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errSuspect
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.suspect == b {
		s.suspect = nil
	}
	return nil
}
