package den

import (
	"log/slog"
	"time"
)

// throttle lets something that happens often be told at once and then at most
// once a minute, with its number. The zero throttle is ready for use.
type throttle struct {
	next    time.Time
	waiting int
}

// admit counts what happened at the time now, and returns how often it happened
// since it was last told, or 0 when it shall not be told yet.
func (t *throttle) admit(now time.Time) int {
	t.waiting++
	return t.due(now)
}

// due returns what admit would return if nothing more had happened.
func (t *throttle) due(now time.Time) int {
	if t.waiting == 0 || now.Before(t.next) {
		return 0
	}
	n := t.waiting
	t.waiting, t.next = 0, now.Add(time.Minute)
	return n
}

// flush returns how often it happened since it was last told.
func (t *throttle) flush() int {
	n := t.waiting
	t.waiting = 0
	return n
}

// summary tells of inputs that went wrong: of the first one, and then at most once a
// minute how many there were, with the last of them.
type summary struct {
	throttle
	what          string
	input, source string
	reason        error
}

func (t *summary) add(s *DenService, in *Input, reason error) {
	t.input, t.source, t.reason = in.ID, in.Event.Source, reason
	t.tell(s.log, t.admit(s.cfg.Now()))
}

// tell logs that n inputs went wrong since it was last told.
func (t *summary) tell(log *slog.Logger, n int) {
	if n > 0 {
		log.Warn(t.what, "count", n, "last", t.input, "source", t.source, "error", t.reason)
	}
}
