package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/step-its/producer/den"
)

// account holds a history's outputs against its inputs. It counts what there is,
// and collects what is wrong.
type account struct {
	*history
	counts   map[string]int
	findings []string

	asked     map[question]input       // the arrays, by what they ask
	answers   map[question][]denmEntry // the DENMs that warn, by what they answer
	published map[den.Key][]denmEntry  // the same, by their pair
	events    map[den.ActionID]*life
	// handled is, for each input, a time at which it was settled at the latest.
	handled []den.Timestamp
}

// question is one pair of one array. No two arrays of a test have the same
// detection time, so a DENM tells which one it answers.
type question struct {
	detected den.Timestamp
	pair     den.Key
}

func (q question) String() string { return fmt.Sprintf("%d/%v", int64(q.detected), q.pair) }

func (e denmEntry) answers() question {
	pair, _ := e.denm.Key()
	return question{e.denm.Management.DetectionTime, pair}
}

// check accounts for every input and every output.
func (h *history) check() *account {
	a := &account{
		history:   h,
		counts:    make(map[string]int),
		asked:     make(map[question]input),
		answers:   make(map[question][]denmEntry),
		published: make(map[den.Key][]denmEntry),
		events:    make(map[den.ActionID]*life),
	}
	a.findAnswers()
	a.findHandled()
	a.findLives()
	a.checkNegations()
	a.checkOpenings()
	a.checkEndings()
	a.checkArrays()
	a.checkPatience()
	a.checkOrder()
	a.checkLetters()
	a.checkLost()
	return a
}

func (a *account) count(what string) { a.counts[what]++ }

func (a *account) finding(format string, args ...any) {
	a.findings = append(a.findings, fmt.Sprintf(format, args...))
}

// String returns the counts as a table.
func (a *account) String() string {
	var names []string
	for name := range a.counts {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "%8d  %s\n", a.counts[name], name)
	}
	return text.String()
}

// findAnswers brings inputs and outputs together.
func (a *account) findAnswers() {
	for _, in := range a.inputs {
		for _, q := range in.questions() {
			a.asked[q] = in
		}
	}
	for _, o := range a.outputs {
		q := o.answers()
		switch in, ok := a.asked[q]; {
		case !ok:
			a.finding("the output %v of %v answers nothing that was sent", o.id, o.action())
		case o.id.compare(in.id) < 0:
			a.finding("the output %v of %v answers what was sent later", o.id, o.action())
		case !o.ends():
			a.answers[q] = append(a.answers[q], o)
			a.published[q.pair] = append(a.published[q.pair], o)
		}
	}
}

// findHandled finds out when each input was settled at the latest: when the first
// of those behind it in its stream was answered.
func (a *account) findHandled() {
	a.handled = make([]den.Timestamp, len(a.inputs))
	next := make(map[string]den.Timestamp) // of each stream
	for i, in := range slices.Backward(a.inputs) {
		latest, ok := next[in.stream]
		if !ok {
			latest = math.MaxInt64
		}
		a.handled[i] = latest
		for _, q := range in.questions() {
			for _, o := range a.answers[q] {
				latest = min(latest, o.id.ms)
			}
		}
		next[in.stream] = latest
	}
}

// checkOrder sees to it that what came first in a stream is answered first. Where
// a group was destroyed it may begin anew.
func (a *account) checkOrder() {
	last := make(map[string]input)
	back := make(map[string]int)
	for _, o := range a.outputs {
		in, ok := a.asked[o.answers()]
		if !ok || o.ends() {
			continue
		}
		if before, ok := last[in.stream]; ok && in.id.compare(before.id) < 0 {
			if back[in.stream]++; back[in.stream] > a.lossesBefore(in.stream, o.id.ms) {
				a.finding("%v is answered at %v after %v", in, o.id, before)
			}
		}
		last[in.stream] = in
	}
}

// checkLetters sees to it that all poison is put aside, and nothing else is put
// aside unseen.
func (a *account) checkLetters() {
	letters := make(map[string]int)
	for _, l := range a.letters {
		letters[l.stream+"/"+l.id]++
	}
	for _, in := range a.inputs {
		n := letters[in.String()]
		delete(letters, in.String())
		switch {
		case !in.poison():
			if n > 0 {
				a.count("messages in the dead letters")
			}
			continue
		case n == 0:
			a.finding("%v is poison and not in the dead letters", in)
		case n > 1+a.lossesAfter(in):
			a.finding("%v is in the dead letters %d times", in, n)
		}
		a.count("poison")
	}
	for id := range letters {
		a.finding("the dead letters have %s, which nobody sent", id)
	}
}

// checkLost sees to it that nothing is reported as lost that was answered.
func (a *account) checkLost() {
	for _, l := range a.lost {
		n := 0
		for _, in := range a.inputs {
			if l.has(in) && slices.ContainsFunc(in.questions(), func(q question) bool { return len(a.answers[q]) > 0 }) {
				n++
			}
		}
		if n > 0 {
			a.finding("the inputs of %s between %v and %v are reported as lost, and %d of them are answered", l.stream, l.after, l.before, n)
		}
	}
}
