package main

import (
	"slices"

	"github.com/step-its/producer/den"
)

// checkArrays asks of each pair of each array why it has the answers it has.
func (a *account) checkArrays() {
	for i, in := range a.inputs {
		if in.array != nil {
			a.count("arrays")
		}
		for target, q := range in.questions() {
			a.count("pairs of arrays")
			if found := a.answers[q]; len(found) > 0 {
				a.checkAnswers(in, found)
				continue
			}
			logged := ", in no log"
			if reason, ok := a.refusals[in.String()+" "+q.pair.String()]; ok {
				logged = ", refused in a log: " + reason
			}
			why := a.whyUnanswered(i, target)
			if why == "" {
				a.finding("%v: pair %v got no DENM%s", in, q.pair, logged)
				continue
			}
			a.count("pairs: " + why + logged)
		}
	}
}

// checkAnswers sees to it that an array is answered once, and again only where
// it may have come again.
func (a *account) checkAnswers(in input, found []denmEntry) {
	a.count("pairs: answered")
	first := found[0]
	if most := 1 + a.lossesAfter(in); len(found) > most {
		a.finding("%v: pair %v is answered %d times, at %v and at %v", in, first.answers().pair, len(found), first.id, found[1].id)
	}
	for _, again := range found[1:] {
		if again.action() == first.action() {
			a.count("pairs: answered again after a group was destroyed, as an update")
		} else {
			a.count("pairs: answered again after a group was destroyed, as a new event")
		}
	}
}

// whyUnanswered returns the reason for which a pair of an input legally got no
// DENM, as far as the facts allow it, and else nothing.
func (a *account) whyUnanswered(index, target int) string {
	in, handled := a.inputs[index], a.handled[index]
	p := in.prediction(target)
	p.Linger = a.afterCollision + a.delay
	switch {
	case slices.ContainsFunc(a.letters, func(l letter) bool { return l.stream+"/"+l.id == in.String() }):
		return "in the dead letters"
	case slices.ContainsFunc(a.lost, func(l lostInputs) bool { return l.has(in) }):
		return "reported as lost"
	case p.ValidUntil() < in.id.ms:
		return "too late when it was sent"
	case p.ValidUntil() < handled:
		return "too late after an outage"
	}
	for _, o := range a.published[p.Key()] {
		by := a.asked[o.answers()]
		if by.array.DetectionTime > in.array.DetectionTime && by.stream == in.stream && a.inHand(in, by, o) {
			return "older than one that was in hand when a group was destroyed, and is published"
		}
		before := by.stream != in.stream && o.id.ms <= handled || by.stream == in.stream && by.id.compare(in.id) < 0
		if before && by.array.DetectionTime > in.array.DetectionTime && !a.events[o.action()].overFor(in) {
			return "older than one published"
		}
	}
	if a.tooLateAfterALoss(in, p.Key(), handled) {
		return "older than one that was in hand when a group was destroyed, and was too late when it came again"
	}
	return ""
}

// tooLateAfterALoss reports whether a newer array of the pair may have been in hand when
// its group was destroyed, and so have left a record, and was too late when it came
// again after an outage.
func (a *account) tooLateAfterALoss(in input, pair den.Key, handled den.Timestamp) bool {
	for i, by := range a.inputs {
		if by.array == nil || by.array.DetectionTime <= in.array.DetectionTime {
			continue
		}
		inHand := slices.ContainsFunc(a.losses, func(loss groupLoss) bool {
			return loss.stream == by.stream && by.id.ms <= loss.done && loss.began <= handled
		})
		for target := 1; inHand && target < len(by.array.Stations); target++ {
			p := by.prediction(target)
			p.Linger = a.afterCollision + a.delay
			if p.Key() == pair && p.ValidUntil() < a.handled[i] {
				return true
			}
		}
	}
	return false
}

// inHand reports whether two inputs may have been in hand together when their group
// was destroyed, so that both came again, the first one then older than the record
// that the second one had left; o is what the second one got.
func (h *history) inHand(first, second input, o denmEntry) bool {
	return slices.ContainsFunc(h.losses, func(loss groupLoss) bool {
		return loss.stream == first.stream && first.id.ms <= loss.done && second.id.ms <= loss.done && loss.began <= o.id.ms
	})
}

// overFor reports whether the event was over already when an input came.
func (l *life) overFor(in input) bool {
	return l.end != nil && l.end.id.ms < in.id.ms || l.validUntil() < in.id.ms ||
		slices.ContainsFunc(l.negated, func(n input) bool { return n.stream == in.stream && n.id.compare(in.id) < 0 })
}

// checkNegations finds the events that negations ended, and sees to it that
// nothing goes on that was negated.
func (a *account) checkNegations() {
	over := make(map[string]map[den.ActionID]input) // of each stream, what is negated so far
	for i, in := range a.inputs {
		if in.negation == nil {
			a.wantNoneNegated(in, over[in.stream])
			continue
		}
		a.count("negations")
		m := &in.negation.Management
		l := a.events[m.ActionID]
		if l == nil || m.ReferenceTime != 0 && m.ReferenceTime < l.first().referenceTime() {
			a.finding("%v negates what was not there", in)
			continue
		}
		if l.end != nil && l.end.id.ms > a.handled[i] {
			a.finding("%v is cancelled after %v has negated it", l.action, in)
		}
		if l.end == nil && l.validUntil() >= in.id.ms {
			l.negated = append(l.negated, in)
		}
		if over[in.stream] == nil {
			over[in.stream] = make(map[den.ActionID]input)
		}
		over[in.stream][m.ActionID] = in
	}
}

// wantNoneNegated looks at the answers of an array for events that were negated
// before it in the same stream.
func (a *account) wantNoneNegated(in input, over map[den.ActionID]input) {
	for _, q := range in.questions() {
		for _, o := range a.answers[q] {
			if negation, ok := over[o.action()]; ok {
				a.finding("%v: pair %v updates %v, which %v has negated", in, q.pair, o.action(), negation)
			}
		}
	}
}

// checkPatience sees to it that no event is cancelled while an update waits. What
// arrived in the first half of the delay must have been looked at.
func (a *account) checkPatience() {
	cancelled := make(map[den.Key][]*life)
	for _, l := range a.events {
		if l.end != nil {
			cancelled[l.pair] = append(cancelled[l.pair], l)
		}
	}
	waited := make(map[*life]input)
	for q, found := range a.answers {
		in := a.asked[q]
		for _, l := range cancelled[q.pair] {
			last := l.last()
			update := q.detected >= last.denm.Management.DetectionTime
			if update && in.id.ms < last.referenceTime().Add(a.delay/2) && found[0].id.compare(l.end.id) > 0 {
				waited[l] = in
			}
		}
	}
	for l, in := range waited {
		a.finding("%v is cancelled at %v, its last update being of %v, although %v waited", l.action, l.end.id, l.last().id, in)
	}
}
