package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// book makes a history by hand, in times that count from its begin.
type book struct {
	t *testing.T
	history
}

const (
	bookStation = den.StationID(3000001)
	bookBegin   = den.Timestamp(1772442900000)
)

func newBook(t *testing.T) *book {
	return &book{t, history{
		station: bookStation, delay: time.Second, afterCollision: time.Second, slack: time.Second,
		refusals: make(map[string]string),
	}}
}

// send adds an array about the stations 1 and 2, or 1 and the targets.
func (b *book) send(ms den.Timestamp, targets ...den.StationID) input {
	if targets == nil {
		targets = []den.StationID{2}
	}
	at := bookBegin + ms
	in := input{stream: "in", id: entryID{at, 0}, array: dentest.Collisions(at-10, 1, targets...)}
	b.inputs = append(b.inputs, in)
	return in
}

// publish adds the answer to an array's first pair.
func (b *book) publish(ms den.Timestamp, number uint16, in input) denmEntry {
	at := bookBegin + ms
	p := in.prediction(0)
	p.StationID, p.Template, p.Linger = bookStation, new(den.DefaultTemplate()), b.afterCollision+b.delay
	return b.add(ms, p.DENM(den.ActionID{OriginatingStationID: bookStation, SequenceNumber: number}, at))
}

func (b *book) cancel(ms den.Timestamp, last denmEntry) {
	b.add(ms, last.denm.Cancellation(bookBegin+ms))
}

func (b *book) add(ms den.Timestamp, d *den.DENM) denmEntry {
	e := denmEntry{entryID{bookBegin + ms, int64(len(b.outputs))}, d}
	b.outputs = append(b.outputs, e)
	return e
}

func (b *book) negate(ms den.Timestamp, last denmEntry) {
	b.inputs = append(b.inputs, input{
		stream: "in", id: entryID{bookBegin + ms, 0}, negation: dentest.Negation(last.denm, 2),
	})
}

// TestAccounting: what is right is accepted, and each thing that may go wrong is
// found before what follows from it.
func TestAccounting(t *testing.T) {
	for _, test := range []struct {
		name, want string // want is a part of the first finding, or of the counts where all is well
		write      func(b *book)
	}{
		{"life", "counts: 1  events: cancelled", func(b *book) {
			b.publish(5, 1, b.send(0))
			b.cancel(1200, b.publish(105, 1, b.send(100)))
		}},
		{"lost-array", "in/1772442900100-0: pair 1:0-2:0", func(b *book) {
			b.publish(5, 1, b.send(0))
			b.send(100)
			b.cancel(1300, b.publish(205, 1, b.send(200)))
		}},
		{"lost-pair", "pair 1:0-3:0", func(b *book) {
			b.publish(5, 1, b.send(0, 2, 3))
			b.cancel(1300, b.publish(205, 1, b.send(200)))
		}},
		{"lost-at-takeover", "in/1772442900100-0: pair 1:0-2:0", func(b *book) {
			b.publish(5, 1, b.send(0))
			b.send(100)
			b.cancel(2800, b.publish(1705, 1, b.send(1700)))
		}},
		{"in-dead-letters", "counts: 1  pairs: in the dead letters", func(b *book) {
			lost := b.send(0)
			b.letters = append(b.letters, letter{stream: "in", id: lost.id.String()})
			b.cancel(1300, b.publish(205, 1, b.send(200)))
		}},
		{"reported-lost", "counts: 1  pairs: reported as lost", func(b *book) {
			first := b.send(0)
			b.send(100)
			b.publish(5, 1, first)
			last := b.send(200)
			b.lost = append(b.lost, lostInputs{"in", first.id, last.id})
			b.cancel(1300, b.publish(205, 1, last))
		}},
		{"reported-lost-and-there", "are reported as lost, and 1 of them", func(b *book) {
			first, second, third := b.send(0), b.send(100), b.send(200)
			b.publish(5, 1, first)
			b.publish(105, 1, second)
			b.cancel(1300, b.publish(205, 1, third))
			b.lost = append(b.lost, lostInputs{"in", first.id, third.id})
		}},
		{"negated-twice", "counts: 1  events: cancelled", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.negate(300, first)
			b.negate(100, first)
			b.inputs[1].stream, b.inputs[2].stream = "a", "b"
			b.cancel(1300, b.publish(205, 2, b.send(200)))
		}},
		{"stale", "counts: 1  pairs: older than one published", func(b *book) {
			newer := b.send(200)
			b.publish(205, 1, newer)
			b.send(300)
			b.inputs[1].array = dentest.Collisions(bookBegin+100, 1, 2)
			b.cancel(1500, b.publish(405, 1, b.send(400)))
		}},
		{"stale-against-the-cancelled", "in/1772442901300-0: pair 1:0-2:0", func(b *book) {
			b.cancel(1250, b.publish(205, 1, b.send(200)))
			b.send(1300)
			b.inputs[1].array = dentest.Collisions(bookBegin+100, 1, 2)
			b.cancel(2500, b.publish(1405, 2, b.send(1400)))
		}},
		{"too-late", "counts: 1  pairs: too late after an outage", func(b *book) {
			b.send(0)
			b.cancel(9000, b.publish(7005, 1, b.send(100_000-93_000)))
		}},
		{"not-too-late", "in/1772442900000-0: pair 1:0-2:0", func(b *book) {
			b.send(0)
			b.cancel(5500, b.publish(4005, 1, b.send(4000)))
		}},
		{"doubled", "stands twice with reference time", func(b *book) {
			once := b.publish(5, 1, b.send(0))
			b.losses = []groupLoss{{"in", bookBegin + 50, bookBegin + 51}}
			b.add(6, once.denm)
			b.cancel(1100, once)
		}},
		{"answered-twice", "is answered 2 times", func(b *book) {
			in := b.send(0)
			b.publish(5, 1, in)
			b.cancel(1300, b.publish(105, 1, in))
		}},
		{"answered-again", "counts: 1  pairs: answered again after a group was destroyed, as an update", func(b *book) {
			in := b.send(0)
			b.losses = []groupLoss{{"in", bookBegin + 50, bookBegin + 51}}
			b.publish(5, 1, in)
			b.cancel(1300, b.publish(105, 1, in))
		}},
		{"goes-back", "has reference time", func(b *book) {
			later := b.publish(105, 1, b.send(0))
			earlier := b.publish(50, 1, b.send(40))
			b.outputs[1].id = entryID{bookBegin + 110, 0}
			b.cancel(1300, later)
			_ = earlier
		}},
		{"reused-action-id", "serves two pairs", func(b *book) {
			b.publish(5, 1, b.send(0))
			b.cancel(1300, b.publish(105, 1, b.send(100, 3)))
		}},
		{"reopened-action-id", "goes on after its cancellation", func(b *book) {
			b.cancel(1300, b.publish(5, 1, b.send(0)))
			b.publish(1405, 1, b.send(1400))
			b.cancel(2500, b.outputs[2])
		}},
		{"reopened-in-doubt", "counts: 1  events: cancelled", func(b *book) {
			b.cancel(1300, b.publish(5, 1, b.send(0)))
			b.doubts = []doubt{{bookBegin + 1305, bookBegin + 1500}}
			b.cancel(2500, b.publish(1405, 1, b.send(1400)))
		}},
		{"two-open-events", "is opened for 1:0-2:0", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			second := b.publish(105, 2, b.send(100))
			b.cancel(1100, first)
			b.cancel(1300, second)
		}},
		{"one-after-the-other", "counts: 2  events: cancelled", func(b *book) {
			b.cancel(1100, b.publish(5, 1, b.send(0)))
			b.cancel(2500, b.publish(1205, 2, b.send(1200)))
		}},
		{"in-hand-when-destroyed", "counts: 1  pairs: older than one that was in hand", func(b *book) {
			b.send(0)
			second := b.send(100)
			b.losses = []groupLoss{{"in", bookBegin + 150, bookBegin + 151}}
			b.cancel(1300, b.publish(205, 1, second))
		}},
		{"not-in-hand-when-destroyed", "in/1772442900100-0: pair 1:0-2:0", func(b *book) {
			b.publish(5, 1, b.send(0))
			b.send(100)
			b.losses = []groupLoss{{"in", bookBegin + 150, bookBegin + 151}}
			b.cancel(1300, b.publish(205, 1, b.send(200)))
		}},
		{"ahead-when-destroyed", "counts: 1  events: opened while another was open", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.applied = map[den.ActionID][]den.Timestamp{first.action(): {bookBegin + 5, bookBegin + 105}}
			b.losses = []groupLoss{{"in", bookBegin + 150, bookBegin + 151}}
			b.cancel(4300, b.publish(3205, 2, b.send(3200)))
		}},
		{"not-ahead-when-destroyed", "is opened for 1:0-2:0", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.applied = map[den.ActionID][]den.Timestamp{first.action(): {bookBegin + 5}}
			b.losses = []groupLoss{{"in", bookBegin + 150, bookBegin + 151}}
			b.cancel(4300, b.publish(3205, 2, b.send(3200)))
		}},
		{"over-in-an-outage", "counts: 1  events: opened while another was open that was over in a version not published in an outage", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.expired = map[den.ActionID][]dropped{first.action(): {{bookBegin + 105, bookBegin + 3200}}}
			b.cancel(4300, b.publish(3205, 2, b.send(3200)))
		}},
		{"over-in-the-published-version", "is opened for 1:0-2:0", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.expired = map[den.ActionID][]dropped{first.action(): {{bookBegin + 5, bookBegin + 3200}}}
			b.cancel(4300, b.publish(3205, 2, b.send(3200)))
		}},
		{"over-only-later", "is opened for 1:0-2:0", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.expired = map[den.ActionID][]dropped{first.action(): {{bookBegin + 105, bookBegin + 3206}}}
			b.cancel(4300, b.publish(3205, 2, b.send(3200)))
		}},
		{"ended-in-an-outage", "counts: 1  events: over in a version that was not published in an outage", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.expired = map[den.ActionID][]dropped{first.action(): {{bookBegin + 105, bookBegin + 2900}}}
			b.busy(1000, 3000)
		}},
		{"unfinished-life", "was not cancelled", func(b *book) {
			b.publish(5, 1, b.send(0))
			b.busy(1000, 3000)
		}},
		{"outage-until-the-end", "counts: 1  events: validity over", func(b *book) {
			b.publish(5, 1, b.send(0))
			b.busy(6000, 8000)
		}},
		{"cancelled-too-soon", "is cancelled after only 900ms", func(b *book) {
			b.cancel(905, b.publish(5, 1, b.send(0)))
		}},
		{"cancelled-too-late", "is cancelled after its validity", func(b *book) {
			b.cancel(9000, b.publish(5, 1, b.send(0)))
		}},
		{"cancelled-with-an-update-waiting", "although in/1772442900300-0 waited", func(b *book) {
			last := b.publish(5, 1, b.send(0))
			b.cancel(1100, last)
			b.cancel(2500, b.publish(1105, 2, b.send(300)))
		}},
		{"never-opened", "was never opened", func(b *book) {
			d := b.publish(5, 1, b.send(0))
			b.outputs = nil
			b.cancel(1300, d)
			b.inputs = nil
			b.send(0)
			b.letters = append(b.letters, letter{stream: "in", id: b.inputs[0].id.String()})
		}},
		{"negated", "counts: 1  events: negated", func(b *book) {
			b.negate(100, b.publish(5, 1, b.send(0)))
			b.busy(1000, 3000)
		}},
		{"negated-and-new", "counts: 1  events: cancelled", func(b *book) {
			b.negate(100, b.publish(5, 1, b.send(0)))
			b.cancel(1300, b.publish(205, 2, b.send(200)))
		}},
		{"negation-passed-over", "has negated", func(b *book) {
			b.negate(100, b.publish(5, 1, b.send(0)))
			b.cancel(1300, b.publish(205, 1, b.send(200)))
			b.outputs = b.outputs[:2]
		}},
		{"cancelled-although-negated", "is cancelled after in/1772442900100-0 has negated it", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.negate(100, first)
			second := b.publish(205, 2, b.send(200, 3))
			b.cancel(1100, first)
			b.cancel(1300, second)
		}},
		{"invented", "answers nothing that was sent", func(b *book) {
			first := b.publish(5, 1, b.send(0))
			b.publish(105, 1, b.send(100))
			b.inputs = b.inputs[:1]
			b.cancel(1300, b.outputs[1])
			b.outputs = append(b.outputs[:1:1], b.outputs[1])
			_ = first
		}},
		{"out-of-order", "is answered at", func(b *book) {
			first, second := b.send(0), b.send(100, 3)
			later := b.publish(105, 1, second)
			earlier := b.publish(110, 2, first)
			b.cancel(1300, later)
			b.cancel(1301, earlier)
		}},
		{"out-of-order-again", "in/1772442900800-0 is answered at", func(b *book) {
			first, second := b.send(0), b.send(500)
			b.losses = []groupLoss{{"in", bookBegin + 600, bookBegin + 601}}
			third, fourth := b.send(800), b.send(900, 3)
			b.publish(505, 1, second)
			b.publish(610, 1, first)
			b.cancel(2100, b.publish(905, 2, fourth))
			b.cancel(2101, b.publish(910, 1, third))
		}},
		{"poison", "counts: 1  poison", func(b *book) {
			b.inputs = append(b.inputs, input{stream: "in", id: entryID{bookBegin, 0}})
			b.letters = append(b.letters, letter{stream: "in", id: b.inputs[0].id.String()})
		}},
		{"poison-lost", "is poison and not in the dead letters", func(b *book) {
			b.inputs = append(b.inputs, input{stream: "in", id: entryID{bookBegin, 0}})
		}},
		{"poison-twice", "is in the dead letters 2 times", func(b *book) {
			b.inputs = append(b.inputs, input{stream: "in", id: entryID{bookBegin, 0}})
			l := letter{stream: "in", id: b.inputs[0].id.String()}
			b.letters = append(b.letters, l, l)
		}},
		{"letter-from-nowhere", "which nobody sent", func(b *book) {
			b.letters = append(b.letters, letter{stream: "in", id: "1-0"})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBook(t)
			test.write(b)
			r := b.check()
			if counts, ok := strings.CutPrefix(test.want, "counts:"); ok {
				if len(r.findings) > 0 || !strings.Contains(r.String(), counts) {
					t.Errorf("findings %q, want none; want %q in\n%s", r.findings, counts, r)
				}
				return
			}
			if len(r.findings) == 0 || !strings.Contains(r.findings[0], test.want) {
				t.Errorf("findings %q, want the first with %q", r.findings, test.want)
			}
		})
	}
}

// TestDoubts: a doubt ends when a cancellation succeeds or the streams are another owner's,
// and a later one does not replace it.
func TestDoubts(t *testing.T) {
	const failed, works, taken = "cancel failed; trying again", "cancel works again", "another owner has taken over; standing by"
	var lines []line
	for i, message := range []string{failed, works, failed, taken, "owner of the streams", failed, works, taken, failed, failed} {
		at := (bookBegin + 100*den.Timestamp(i)).String()
		lines = append(lines, line{message, map[string]any{"time": at}})
	}
	want := []doubt{
		{bookBegin, bookBegin + 100},
		{bookBegin + 200, bookBegin + 300},
		{bookBegin + 500, bookBegin + 600},
		{bookBegin + 800, den.MaxTimestamp},
	}
	if got := doubtsOf(t, lines); !slices.Equal(got, want) {
		t.Errorf("the doubts are %v, want %v", got, want)
	}
}

// busy has other pairs answered all the time.
func (b *book) busy(from, to den.Timestamp) {
	var last denmEntry
	for ms := from; ms <= to; ms += 100 {
		last = b.publish(ms+1, 999, b.send(ms, 77))
	}
	b.cancel(to+1100, last)
}
