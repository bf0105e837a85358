package redisio

import (
	"sync/atomic"
	"time"
)

// Journal is how far the journal, the first output stream, goes back.
type Journal struct {
	// Length is the number of entries in it.
	Length int64
	// Reach is the time from the first of them to the last.
	Reach time.Duration
	// Needed is how far the last Replay was asked to go back; 0 before the first one.
	Needed time.Duration
	// Short says that the journal was trimmed and does not reach back as far as is needed: a
	// Replay of now might not find all events that are open. It is false when nothing was
	// written for as long as that, for then none can be open. Servers before version 7 do
	// not know what was trimmed.
	Short bool
}

// reach is what a client knows of its journal.
type reach struct {
	needed atomic.Int64 // Journal.Needed
	seen   atomic.Pointer[Journal]
	told   atomic.Bool // that it is too short
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
func (c *Client) noteReach(outputs []outputView) {
	needed := time.Duration(c.reach.needed.Load())
	if len(outputs) == 0 || needed == 0 {
		return
	}
	out, v := c.opts.Outputs[0], outputs[0]
	now := Journal{Length: v.length, Needed: needed}
	if v.length > 0 {
		now.Reach = max(v.last.time().Sub(v.first.time()), 0)
	}
	now.Short = v.added > v.length && now.Reach < needed && v.quiet < needed && !out.onlyTooOld(v.length, needed)
	c.reach.seen.Store(&now)
	switch told := c.reach.told.Load(); {
	case now.Short && !told:
		c.reach.told.Store(true)
		c.log.Warn("the journal is too short: a start after a crash may not find all events that are open", now.details(out.Stream)...)
	case told && !now.Short && now.Reach >= needed+needed/4: // and not by what is trimmed at once
		c.reach.told.Store(false)
		c.log.Info("the journal is long enough", now.details(out.Stream)...)
	}
}

func (j Journal) details(stream string) []any {
	all := []any{"stream", stream, "length", j.Length, "reach", j.Reach, "needed", j.Needed}
	if j.Short && j.Reach > 0 {
		all = append(all, "lengthNeeded", int64(float64(j.Length)*float64(j.Needed)/float64(j.Reach)))
	}
	return all
}

// onlyTooOld reports whether of a stream with so many entries only those are trimmed that
// are older than needed.
func (out OutputStream) onlyTooOld(length int64, needed time.Duration) bool {
	return out.MaxAge >= needed && (out.MaxLength == 0 || length < out.MaxLength)
}
