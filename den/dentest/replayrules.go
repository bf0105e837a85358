package dentest

import (
	"slices"
	"time"

	"github.com/step-its/producer/den"
)

// replayRules is the contract of a den.Replayer.
var replayRules = []transportRule{
	{
		name: "replay",
		why: "what was published comes back whole and in its order, however it was published and to whichever " +
			"process asks: the next one goes on with the last version of every event",
		check: func(x *transportTest) {
			x.wantReplayed(time.Hour, nil, nil)
			denms := x.warnings(5)
			for _, part := range [][]*den.DENM{denms[:1], denms[1:4], denms[4:]} {
				if err := x.Publisher.Publish(x.ctx, part); err != nil {
					x.Fatalf("Publish: %v", err)
				}
			}
			x.send(2)
			want := append(denms, x.settle(x.Publisher, x.receive(2))...)
			x.wantReplayed(time.Hour, want, nil)
			x.reopen()
			x.wantReplayed(time.Hour, want, nil)
		},
	},
	{
		name: "replay_span",
		why: "nothing that is younger than the span is left out: an event that is still open would be left " +
			"without anybody who updates or cancels it",
		check: func(x *transportTest) {
			var want []*den.DENM
			for range 3 {
				want = append(want, x.publish(x.Publisher))
				time.Sleep(100 * time.Millisecond)
			}
			x.wantReplayed(time.Minute, want, nil)
		},
	},
	{
		name: "replay_last",
		why: "the last DENM comes back however old it is: the sequence numbers go on after its own, for " +
			"receivers may still know the event",
		check: func(x *transportTest) {
			var want []*den.DENM
			for range 3 {
				want = append(want, x.publish(x.Publisher))
			}
			time.Sleep(100 * time.Millisecond)
			got, _ := x.replay(time.Millisecond)
			x.wantTail(got, want)
			if len(got) == 0 {
				x.Error("nothing was replayed; want at least the last DENM")
			}
		},
	},
	{
		name: "replay_received",
		why: "the negations that were acknowledged come back, for the events that they ended are over; those that " +
			"were not are still to be handled, and an event that ended before would be missing its answer",
		check: func(x *transportTest) {
			opened := x.warnings(4)
			if err := x.Publisher.Publish(x.ctx, opened); err != nil {
				x.Fatalf("Publish: %v", err)
			}
			var negations []*den.DENM
			for i, d := range opened {
				negations = append(negations, Negation(d, den.StationID(500+i)))
			}
			x.Send(Event(nil, negations[0]), []byte("\x00 no JSON"), Event(Collisions(firstTime, 1, 1000), nil),
				Event(nil, negations[1]), []byte(`{"managementContainer":{}}`))
			x.ack(x.receive(5))
			x.Send(Event(nil, negations[2]), Event(nil, negations[3]))
			pending := x.receive(1)
			x.wantReplayed(time.Minute, opened, negations[:2])
			x.ack(pending)
			x.wantReplayed(time.Minute, opened, negations[:3])
			x.reopen()
			x.wantReplayed(time.Minute, opened, negations[:3])
		},
	},
	{
		name: "replay_order",
		why: "everything that was published comes before everything that was received: a negation says nothing " +
			"to whoever does not know the event yet",
		check: func(x *transportTest) {
			for range 2 {
				d := x.publish(x.Publisher)
				x.Send(Event(nil, Negation(d, 500)))
				x.ack(x.receive(1))
			}
			calls := ""
			x.replayWith(time.Minute, func(*den.DENM) { calls += "p" }, func(*den.DENM) { calls += "r" })
			if calls != "pprr" {
				x.Errorf("published (p) and received (r) were called in the order %s; want pprr", calls)
			}
		},
	},
	{
		name: "replay_ended_context",
		why: "a call whose context has ended returns soon, so that a shutdown is short; and nil says that nothing " +
			"was left out",
		check: func(x *transportTest) {
			want := []*den.DENM{x.publish(x.Publisher)}
			x.within("Replay", func() {
				var got []*den.DENM
				err := x.Publisher.(den.Replayer).Replay(ended(), time.Minute,
					func(d *den.DENM) { got = append(got, d) }, func(*den.DENM) {})
				if err == nil && !slices.EqualFunc(got, want, sameDENM) {
					x.Errorf("Replay returned nil and %v; want %v, or an error", ids(got), ids(want))
				}
			})
			x.wantReplayed(time.Minute, want, nil)
		},
	},
}

// replay returns what Replay calls its functions with.
func (x *transportTest) replay(span time.Duration) (published, received []*den.DENM) {
	x.Helper()
	x.replayWith(span,
		func(d *den.DENM) { published = append(published, d) },
		func(d *den.DENM) { received = append(received, d) })
	return published, received
}

func (x *transportTest) replayWith(span time.Duration, published, received func(*den.DENM)) {
	x.Helper()
	if err := x.Publisher.(den.Replayer).Replay(x.ctx, span, published, received); err != nil {
		x.Fatalf("Replay: %v", err)
	}
}

// wantReplayed fails unless exactly these come back.
func (x *transportTest) wantReplayed(span time.Duration, published, received []*den.DENM) {
	x.Helper()
	gotPublished, gotReceived := x.replay(span)
	if !slices.EqualFunc(gotPublished, published, sameDENM) {
		x.Errorf("Replay of the last %v gave %v as published; want %v", span, ids(gotPublished), ids(published))
	}
	if !slices.EqualFunc(gotReceived, received, sameDENM) {
		x.Errorf("Replay of the last %v gave %v as received; want %v", span, ids(gotReceived), ids(received))
	}
}

// wantTail fails unless got is the end of want: what is older than the span may
// be left out.
func (x *transportTest) wantTail(got, want []*den.DENM) {
	x.Helper()
	if len(got) > len(want) || !slices.EqualFunc(got, want[len(want)-len(got):], sameDENM) {
		x.Errorf("%v was replayed; want the end of %v", ids(got), ids(want))
	}
}
