package main

import (
	"slices"
	"time"

	"github.com/step-its/producer/den"
)

// life is what the output stream says of one event.
type life struct {
	action   den.ActionID
	pair     den.Key
	versions []denmEntry // without the cancellation
	end      *denmEntry  // the cancellation, or nil
	negated  []input     // the negations that may have ended it
}

func (l *life) first() denmEntry { return l.versions[0] }
func (l *life) last() denmEntry  { return l.versions[len(l.versions)-1] }

func (l *life) validUntil() den.Timestamp { return l.last().denm.ValidUntil() }

// findLives follows the events through the output stream: their versions are about
// one pair, get newer, and end with the cancellation.
func (a *account) findLives() {
	for i, o := range a.outputs {
		pair, named := o.denm.Key()
		if !named || o.denm.StationID != a.station || o.action().OriginatingStationID != a.station {
			a.finding("the output %v is not ours: %v", o.id, o.action())
			continue
		}
		l := a.events[o.action()]
		if l != nil {
			a.checkNext(l, o)
		}
		switch {
		case l == nil && o.ends():
			a.finding("%v is cancelled and was never opened", o.action())
		case l == nil:
			a.count("DENMs: new")
			a.events[o.action()] = &life{action: o.action(), pair: pair, versions: []denmEntry{o}}
		case o.ends():
			a.count("DENMs: cancelled")
			l.end = &a.outputs[i]
		default:
			a.count("DENMs: update")
			l.versions = append(l.versions, o)
		}
	}
}

// checkNext looks at a DENM that follows others of its event.
func (a *account) checkNext(l *life, o denmEntry) {
	before := l.last()
	if l.end != nil {
		before = *l.end
		if o.ends() || !a.doubted(before.referenceTime(), o.referenceTime()) {
			a.finding("%v goes on after its cancellation", l.action)
		}
		// Receivers see a new event under the old action id.
		a.count("events: updated after a cancellation that its producer could not know to be published")
		l.end = nil
	}
	if pair, _ := o.denm.Key(); pair != l.pair {
		a.finding("%v serves two pairs, %v and %v", l.action, l.pair, pair)
	}
	switch last := before.referenceTime(); {
	case o.referenceTime() == last:
		a.finding("%v stands twice with reference time %v", l.action, last)
	case o.referenceTime() < last:
		a.finding("%v has reference time %v after %v", l.action, o.referenceTime(), last)
	}
	if !o.ends() {
		return
	}
	if silence := o.referenceTime().Sub(before.referenceTime()); silence <= a.delay {
		a.finding("%v is cancelled after only %v", l.action, silence)
	}
	another := o.denm.Management.DetectionTime != before.denm.Management.DetectionTime
	switch {
	case another && a.ahead(l, o.referenceTime()):
		a.count("events: cancelled in a version that was not published when a group was destroyed")
	case another:
		a.finding("%v is cancelled with another detection time", l.action)
	case before.denm.ValidUntil() < o.referenceTime():
		a.finding("%v is cancelled after its validity", l.action)
	}
}

// ahead reports whether at a time a producer had a newer version of the event than
// the published one, because a group was destroyed: the inputs it had in hand were
// no longer to be acknowledged then, so what it made of them was not written, and
// the inputs came again.
func (a *account) ahead(l *life, at den.Timestamp) bool {
	published := l.last().referenceTime()
	return slices.ContainsFunc(a.applied[l.action], func(version den.Timestamp) bool {
		return version > published && version < at
	}) && a.countAllLosses(published, at) > 0
}

// overUnpublished reports whether a producer had dropped the event by a time since a newer
// version than the published one was over. In an outage that version was not published: its
// own validity may end up to a second before that of the one before.
func (a *account) overUnpublished(l *life, by den.Timestamp) bool {
	published := l.last().referenceTime()
	return slices.ContainsFunc(a.expired[l.action], func(d dropped) bool {
		return d.version > published && d.at <= by
	})
}

// doubted reports whether between two times a producer had cancellations in hand
// of which it could not know whether they were published.
func (h *history) doubted(from, to den.Timestamp) bool {
	return slices.ContainsFunc(h.doubts, func(d doubt) bool { return d.from <= to && d.to >= from })
}

// checkOpenings sees to it that a pair has one event at a time: the one before
// was cancelled, negated, or its validity had run out.
func (a *account) checkOpenings() {
	latest := make(map[den.Key]*life)
	for _, o := range a.outputs {
		l := a.events[o.action()]
		if l == nil || l.first().id != o.id {
			continue
		}
		before := latest[l.pair]
		latest[l.pair] = l
		switch {
		case before == nil:
		case before.end != nil && before.end.id.compare(o.id) < 0:
		case slices.ContainsFunc(before.negated, func(n input) bool { return n.id.compare(o.id) < 0 }):
		case before.validUntil() < o.referenceTime():
		case a.overUnpublished(before, o.id.ms):
			a.count("events: opened while another was open that was over in a version not published in an outage")
		case a.ahead(before, o.referenceTime()):
			a.count("events: opened while another was open that was over in a version not published when a group was destroyed")
		default:
			a.finding("%v is opened for %v at %v while %v is open", l.action, l.pair, o.id, before.action)
		}
	}
}

// checkEndings sees to it that every event ends, and that none is left to its
// validity while a producer works that could have cancelled it.
func (a *account) checkEndings() {
	for _, l := range a.events {
		switch {
		case l.end != nil:
			a.count("events: cancelled")
		case l.negated != nil:
			a.count("events: negated")
		case a.overUnpublished(l, l.validUntil()):
			a.count("events: over in a version that was not published in an outage")
		case a.ahead(l, l.validUntil()):
			a.count("events: over in a version that was not published when a group was destroyed")
		case a.workedBetween(l.last().referenceTime().Add(a.delay), l.validUntil()):
			a.finding("%v was not cancelled after %v, and producers worked", l.action, l.last().id)
		default:
			a.count("events: validity over")
		}
	}
}

// workedBetween reports whether there is a time as long as slack in which DENMs
// were published without a pause.
func (a *account) workedBetween(from, to den.Timestamp) bool {
	const pause = 200 * time.Millisecond
	var began, last den.Timestamp
	for _, o := range a.outputs {
		at := o.id.ms
		if at < from || at > to {
			continue
		}
		if began == 0 || at.Sub(last) > pause {
			began = at
		}
		last = at
		if last.Sub(began) >= a.slack {
			return true
		}
	}
	return false
}
