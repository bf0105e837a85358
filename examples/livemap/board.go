package main

import (
	"cmp"
	"container/list"
	"slices"
	"time"

	"github.com/step-its/producer/den"
)

const (
	// mostWarnings bounds the events that are kept. A stream with more is not for a map.
	mostWarnings = 5000
	// mostLeftOut bounds the events that are counted beside them.
	mostLeftOut = 4 * mostWarnings
	// mostAhead is how far the clock of who made a DENM may be ahead of ours. It is the
	// producer's maxClockSkew, if nobody changes that.
	mostAhead = 5 * time.Second
)

// board holds the events that are active. It must be used by one goroutine at a time.
type board struct {
	active map[string]*list.Element // of order, by action id
	order  *list.List               // of *warning, the one heard of last at the end
	// leftOut are the events that there was no room for, each with the end of its
	// validity.
	leftOut map[string]int64
	pruned  den.Timestamp // when prune was last called
	ahead   int           // DENMs that were made in the future
}

func newBoard() board {
	return board{active: make(map[string]*list.Element), order: list.New(), leftOut: make(map[string]int64)}
}

// apply takes a DENM over, and returns what the pages need to know of it, or nil if
// they need not know it: it is older than what is known, its event is over, or it was
// made in the future. Where there is no room it drops the event that was silent for
// longest, and returns its id.
func (b *board) apply(d *den.DENM, now den.Timestamp) (w *warning, dropped string) {
	w = warningOf(d)
	if d.Management.ReferenceTime.Sub(now) > mostAhead {
		// It would hide all that is said of its event until then.
		b.ahead++
		return nil, ""
	}
	known := b.get(w.ID)
	if known != nil && known.Until < int64(now) {
		b.remove(w.ID) // it has ended silently
		known = nil
	}
	switch {
	case known != nil && w.Made < known.Made:
		return nil, ""
	case d.Management.Termination.Valid:
		delete(b.leftOut, w.ID)
		if known == nil {
			return nil, ""
		}
		w.Kind = kindCancel
		b.remove(w.ID)
		return w, ""
	case w.Until < int64(now):
		return nil, ""
	case known != nil:
		w.Kind = kindUpdate
		element := b.active[w.ID]
		element.Value = w
		b.order.MoveToBack(element)
		return w, ""
	}
	w.Kind = kindNew
	if len(b.active) >= mostWarnings {
		dropped = b.makeRoom(now)
	}
	delete(b.leftOut, w.ID)
	b.active[w.ID] = b.order.PushBack(w)
	return w, dropped
}

func (b *board) get(id string) *warning {
	if element := b.active[id]; element != nil {
		return element.Value.(*warning)
	}
	return nil
}

func (b *board) remove(id string) {
	b.order.Remove(b.active[id])
	delete(b.active, id)
}

// makeRoom drops events that have ended silently, or else the one that was heard of
// least lately. It returns the id of that one.
func (b *board) makeRoom(now den.Timestamp) string {
	b.pruneNowAndThen(now)
	if len(b.active) < mostWarnings {
		return ""
	}
	oldest := b.order.Front().Value.(*warning)
	b.remove(oldest.ID)
	if len(b.leftOut) < mostLeftOut {
		b.leftOut[oldest.ID] = oldest.Until
	}
	return oldest.ID
}

// prune forgets events that have ended silently.
func (b *board) prune(now den.Timestamp) {
	b.pruned = now
	for id := range b.active {
		if b.get(id).Until < int64(now) {
			b.remove(id)
		}
	}
	for id, until := range b.leftOut {
		if until < int64(now) {
			delete(b.leftOut, id)
		}
	}
}

// pruneNowAndThen prunes, but not every time, since that looks at all of them.
func (b *board) pruneNowAndThen(now den.Timestamp) {
	if now.Sub(b.pruned) >= time.Second {
		b.prune(now)
	}
}

// countLeftOut returns how many active events there was no room for.
func (b *board) countLeftOut(now den.Timestamp) int {
	b.pruneNowAndThen(now)
	return len(b.leftOut)
}

// warnings returns the active events, oldest first.
func (b *board) warnings(now den.Timestamp) []*warning {
	b.prune(now)
	all := make([]*warning, 0, len(b.active))
	for id := range b.active {
		all = append(all, b.get(id))
	}
	slices.SortFunc(all, func(a, b *warning) int {
		return cmp.Or(cmp.Compare(a.Made, b.Made), cmp.Compare(a.ID, b.ID))
	})
	return all
}
