package redisio

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/step-its/producer/den"
)

// Journal is how far the journal, the first output stream, goes back.
type Journal struct {
	// Length is the number of entries in it.
	Length int64
	// Reach is how long ago, by the clock of the server, the first of them was added; where
	// none is left, the last one that was.
	Reach time.Duration
	// Needed is how far the last Replay was asked to go back; 0 before the first one.
	Needed time.Duration
	// Short says that the journal was trimmed, or deleted, and does not reach back as far as
	// is needed: a Replay of now might not find all events that are open. Servers before
	// version 7 do not know what was trimmed.
	Short bool
}

// reach is what a client knows of its journal.
type reach struct {
	needed atomic.Int64 // Journal.Needed
	seen   atomic.Pointer[Journal]

	mu   sync.Mutex    // guards what follows
	told bool          // that it is too short
	last entryID       // that it ever had, when it was seen
	gone den.Timestamp // all that was added until then is gone with a stream that was deleted
}

// journal returns what was seen of the journal last.
func (r *reach) journal() Journal {
	if seen := r.seen.Load(); seen != nil {
		return *seen
	}
	return Journal{Needed: time.Duration(r.needed.Load())}
}

// noteReach notes how far back the journal goes, and tells when that begins to be too
// little, and when it ends. What waits for the next start would tell it too late.
func (c *Client) noteReach(v journalView) {
	r, out, needed := &c.reach, c.opts.Outputs[0], time.Duration(c.reach.needed.Load())
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.last.compare(r.last) < 0 {
		r.gone = min(r.last.time(), v.now) // it is another stream now, or none
	}
	r.last = v.last
	if needed == 0 {
		return
	}
	begins := v.last
	if v.length > 0 {
		begins = v.first
	}
	now := Journal{Length: v.length, Needed: needed}
	if begins != (entryID{}) {
		now.Reach = max(v.now.Sub(begins.time()), 0)
	}
	trimmed := v.added > v.length && now.Reach < needed && !out.onlyTooOld(v.length, needed)
	now.Short = trimmed || v.now.Sub(r.gone) < needed
	r.seen.Store(&now)
	details := []any{"stream", out.Stream, "length", now.Length, "reach", now.Reach, "needed", needed}
	if trimmed && now.Reach > 0 {
		details = append(details, "lengthNeeded", int64(float64(now.Length)*float64(needed)/float64(now.Reach)))
	}
	switch {
	case now.Short && !r.told:
		r.told = true
		c.log.Warn("the journal is too short: a start after a crash may not find all events that are open", details...)
	case r.told && !now.Short && now.Reach >= needed+needed/4: // and not by what is trimmed at once
		r.told = false
		c.log.Info("the journal is long enough", details...)
	}
}

// onlyTooOld reports whether of a stream with so many entries only those are trimmed that
// are older than needed.
func (out OutputStream) onlyTooOld(length int64, needed time.Duration) bool {
	return out.MaxAge >= needed && (out.MaxLength == 0 || length < out.MaxLength)
}
