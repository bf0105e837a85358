package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/step-its/producer/den"
)

// mostWarnings bounds the events that are kept. A stream with more is not for a map.
const mostWarnings = 5000

// board holds the events that are active. It must be used by one goroutine at a time.
type board struct {
	active map[string]*warning // by action id
	pruned den.Timestamp       // when prune was last called
}

func newBoard() board { return board{active: make(map[string]*warning)} }

// apply takes a DENM over, and returns what the pages need to know of it, or nil if
// they need not know it: it is older than what is known, or its event is over.
func (b *board) apply(d *den.DENM, now den.Timestamp) *warning {
	w := warningOf(d)
	known := b.active[w.ID]
	if known != nil && known.Until < int64(now) {
		delete(b.active, w.ID) // it has ended silently
		known = nil
	}
	switch {
	case known != nil && w.Made < known.Made:
		return nil
	case d.Management.Termination.Valid:
		if known == nil {
			return nil
		}
		w.Kind = kindCancel
		delete(b.active, w.ID)
		return w
	case w.Until < int64(now):
		return nil
	case known != nil:
		w.Kind = kindUpdate
	default:
		w.Kind = kindNew
		if len(b.active) >= mostWarnings && now.Sub(b.pruned) >= time.Second {
			b.prune(now) // it looks at all of them, so not every time
		}
		if len(b.active) >= mostWarnings {
			return nil
		}
	}
	b.active[w.ID] = w
	return w
}

// prune drops events that have ended silently.
func (b *board) prune(now den.Timestamp) {
	b.pruned = now
	for id, w := range b.active {
		if w.Until < int64(now) {
			delete(b.active, id)
		}
	}
}

// warnings returns the active events, oldest first.
func (b *board) warnings(now den.Timestamp) []*warning {
	b.prune(now)
	list := make([]*warning, 0, len(b.active))
	for _, w := range b.active {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b *warning) int {
		return cmp.Or(cmp.Compare(a.Made, b.Made), cmp.Compare(a.ID, b.ID))
	})
	return list
}
