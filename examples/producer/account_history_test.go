package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

// history is what went in and what came out while producers worked and were
// disturbed: what the streams hold, what the senders wrote down, and what the
// producers logged. check holds one against the other.
type history struct {
	station den.StationID
	// delay and afterCollision are what the producers were configured with.
	delay, afterCollision time.Duration
	// slack is how long a producer that works may take to notice that a
	// cancellation is due.
	slack time.Duration

	inputs  []input     // in the order of each stream
	outputs []denmEntry // in the order of the stream
	letters []letter
	lost    []lostInputs
	losses  []groupLoss
	doubts  []doubt
	// applied are the versions of events that a producer made, published or not.
	applied map[den.ActionID][]den.Timestamp
	// expired are the versions whose validity was over when a producer dropped the event.
	expired map[den.ActionID][]dropped
	// refusals are the reasons of the log why an input's pair was refused, under
	// the input and the pair.
	refusals map[string]string
}

// dropped is a version of an event, by its reference time, and when it was dropped.
type dropped struct{ version, at den.Timestamp }

// entryID is the id of a stream's entry. The first part is when the server took
// it.
type entryID struct {
	ms  den.Timestamp
	seq int64
}

func parseEntryID(t testing.TB, text string) entryID {
	t.Helper()
	before, after, _ := strings.Cut(text, "-")
	ms, err := strconv.ParseInt(before, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return entryID{den.Timestamp(ms), seq}
}

func (a entryID) String() string { return fmt.Sprintf("%d-%d", int64(a.ms), a.seq) }

func (a entryID) compare(b entryID) int {
	return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.seq, b.seq))
}

// input is an entry that was sent: a collision array, a negation, or poison.
type input struct {
	stream   string
	id       entryID
	array    *den.StationCollisions
	negation *den.DENM
}

func (in input) String() string { return in.stream + "/" + in.id.String() }

func (in input) poison() bool { return in.array == nil && in.negation == nil }

// questions returns what an array asks, one question for each of its targets.
func (in input) questions() []question {
	if in.array == nil {
		return nil
	}
	var list []question
	for i := range in.array.Stations[1:] {
		list = append(list, question{in.array.DetectionTime, in.prediction(i).Key()})
	}
	return list
}

// prediction returns one pair of an array as the service sees it.
func (in input) prediction(target int) den.Prediction {
	return den.Prediction{
		DetectionTime: in.array.DetectionTime,
		Reference:     &in.array.Stations[0],
		Target:        &in.array.Stations[target+1],
	}
}

// denmEntry is an entry of the output stream.
type denmEntry struct {
	id   entryID
	denm *den.DENM
}

func (e denmEntry) action() den.ActionID         { return e.denm.Management.ActionID }
func (e denmEntry) referenceTime() den.Timestamp { return e.denm.Management.ReferenceTime }
func (e denmEntry) ends() bool                   { return e.denm.Management.Termination.Valid }

// letter is an entry of the dead-letter stream.
type letter struct{ stream, id, reason string }

// lostInputs are entries that a producer reported as lost.
type lostInputs struct {
	stream        string
	after, before entryID // neither of them is among the lost
}

func (l lostInputs) has(in input) bool {
	return l.stream == in.stream && l.after.compare(in.id) < 0 && in.id.compare(l.before) < 0
}

// groupLoss says that the group of a stream was destroyed. Its entries may be
// delivered again.
type groupLoss struct {
	stream      string
	began, done den.Timestamp // the command was sent, and answered
}

// doubt is a time in which a producer did not know whether its cancellations were
// published: from the first failure until one succeeded.
type doubt struct{ from, to den.Timestamp }

// lossesAfter returns how often an entry may have come again.
func (h *history) lossesAfter(in input) int {
	return h.countLosses(in.stream, func(at den.Timestamp) bool { return in.id.ms <= at })
}

// lossesBefore returns how often a stream may have begun anew until a time.
func (h *history) lossesBefore(stream string, at den.Timestamp) int {
	return h.countLosses(stream, func(loss den.Timestamp) bool { return loss <= at })
}

func (h *history) countLosses(stream string, when func(at den.Timestamp) bool) int {
	n := 0
	for _, loss := range h.losses {
		// It is not known when exactly the server did it.
		if loss.stream == stream && (when(loss.began) || when(loss.done)) {
			n++
		}
	}
	return n
}

// countAllLosses returns how many groups of any stream were destroyed between two
// times.
func (h *history) countAllLosses(from, to den.Timestamp) int {
	n := 0
	for _, loss := range h.losses {
		if loss.done >= from && loss.began <= to {
			n++
		}
	}
	return n
}
