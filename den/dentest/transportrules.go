package dentest

import (
	"time"

	"github.com/step-its/producer/den"
)

// transportRules is the contract of every transport.
var transportRules = []transportRule{
	{
		name: "order",
		why: "inputs come in the order of the input stream: a negation that overtakes its collision array, " +
			"or an array its successor, does the opposite of what was sent",
		check: func(x *transportTest) {
			x.send(3)
			got := x.receive(2)
			x.send(2)
			got = append(got, x.receive(3)...)
			x.wantArrays(got.inputs(), 1, 1)
			x.ack(got)
		},
	},
	{
		name: "ids",
		why: "an input has one id, and the same one at every delivery: it is how a log line, a dead letter and " +
			"a commit that is repeated find each other",
		check: func(x *transportTest) {
			x.send(3)
			first := x.receive(3)
			seen := make(map[string]bool)
			for _, in := range first.inputs() {
				if in.ID == "" || seen[in.ID] {
					x.Errorf("the id %q is empty or not unique", in.ID)
				}
				seen[in.ID] = true
			}
			first.release()
			again := x.receive(3)
			for i, in := range again.inputs() {
				if was := first.inputs()[i].ID; in.ID != was {
					x.Errorf("input %d has the id %q when it is delivered again; it was %q", i, in.ID, was)
				}
			}
			x.ack(again)
		},
	},
	{
		name: "max",
		why:  "the caller bounds the memory and the size of a commit by the number of inputs it takes at once",
		check: func(x *transportTest) {
			x.send(7)
			for got := 0; got < 7; {
				batch, err := x.Subscriber.Receive(x.ctx, 3, time.Second)
				if err != nil || x.ctx.Err() != nil {
					x.Fatalf("Receive, after %d of 7 inputs: %v", got, err)
				}
				if batch == nil {
					continue
				}
				n := len(batch.Inputs())
				if n < 1 || n > 3 {
					x.Fatalf("Receive of at most 3 returned %d inputs", n)
				}
				got += n
				x.ack(inHand{batch})
			}
		},
	},
	{
		name: "empty",
		why: "Receive on an empty input is not an error and returns within about a second: in this rhythm a " +
			"service can shut down, or do without the transport's help what else there is to do",
		check: func(x *transportTest) { x.within("Receive on an empty input", x.receiveNothing) },
	},
	{
		name: "ack",
		why: "an acknowledged input is never delivered again, not even to the next process: it would be a " +
			"second event of the same collision",
		check: func(x *transportTest) {
			x.send(3)
			got := x.receive(3)
			x.wantPending(3)
			x.ack(got)
			x.wantPending(0)
			x.ack(got) // may be repeated
			got.release()
			x.receiveNothing()
			x.reopen()
			x.receiveNothing()
			x.wantPending(0)
		},
	},
	{
		name: "release",
		why: "what is given back comes again, before anything newer and in order: it is older news, and a " +
			"service that stopped in the middle must not lose it. Attempt tells the second delivery",
		check: func(x *transportTest) {
			x.send(3)
			got := x.receive(3)
			x.send(2)
			got.release()
			got.release() // does nothing
			x.wantDeliveredAgain()
		},
	},
	{
		name: "crash",
		why: "what a crashed process had received and not acknowledged is delivered to the next one, before " +
			"anything newer and in order: nobody else knows of it",
		check: func(x *transportTest) {
			x.send(3)
			x.receive(3)
			x.send(2)
			x.reopen()
			x.wantPending(3)
			x.wantDeliveredAgain()
		},
	},
	{
		name: "late_release",
		why: "a Release by a process that only seemed dead does not give away what the next process has in " +
			"hand: it would be handled twice at once",
		check: func(x *transportTest) {
			x.send(2)
			old := x.receive(2)
			x.reopen()
			got := x.receive(2)
			old.release()
			x.receiveNothing()
			x.ack(got)
			x.wantPending(0)
		},
	},
	{
		name: "poison",
		why: "an input that is no message arrives in its place with an Err, does not hold up those around it, " +
			"and is kept when the batch is acknowledged: somebody sent it and wants to know why it had no effect",
		check: func(x *transportTest) {
			x.sendPoison()
			got := x.receive(4)
			x.wantPoison(got)
			x.wantRejected(0)
			x.ack(got)
			x.wantPending(0)
			x.wantRejected(2)
			x.send(1)
			x.ack(x.receive(1))
			x.wantRejected(2)
		},
	},
	{
		name: "poison_released",
		why:  "an input that is no message is kept once, however often it was delivered",
		check: func(x *transportTest) {
			x.sendPoison()
			x.receive(4).release()
			x.wantRejected(0)
			got := x.receive(4)
			x.wantPoison(got)
			x.ack(got)
			x.ack(got)
			x.wantRejected(2)
		},
	},
	{
		name: "publish",
		why: "DENMs reach the output whole and in the order in which they were published: an update before " +
			"the DENM that opens its event is discarded by receivers",
		check: func(x *transportTest) {
			denms := x.warnings(5)
			for _, part := range [][]*den.DENM{denms[:1], nil, denms[1:4], denms[4:]} {
				if err := x.Publisher.Publish(x.ctx, part); err != nil {
					x.Fatalf("Publish of %d DENMs: %v", len(part), err)
				}
			}
			x.wantPublished(denms)
			x.wantPending(0)
		},
	},
	{
		name: "settled_inputs",
		why:  "the inputs of a batch stay readable after it is settled: a log line or a hook may hold them",
		check: func(x *transportTest) {
			x.send(2)
			released := x.receive(2)
			released.release()
			acked := x.receive(2)
			x.ack(acked)
			x.send(2)
			x.ack(x.receive(2))
			x.wantArrays(released.inputs(), 1, 1)
			x.wantArrays(acked.inputs(), 1, 2)
		},
	},
	{
		name: "ended_context",
		why: "a call whose context has ended returns soon, so that a shutdown is short; an Ack that fails has " +
			"acknowledged nothing, and a Receive loses nothing",
		check: func(x *transportTest) {
			x.send(2)
			got := x.receive(1)
			x.within("Ack", func() {
				if err := got[0].Ack(ended()); err != nil {
					x.wantPending(1)
				} else {
					x.wantPending(0)
				}
			})
			x.within("Publish", func() {
				if x.Publisher.Publish(ended(), x.warnings(1)) == nil && len(x.Published()) != 1 {
					x.Error("Publish returned nil and has not published")
				}
			})
			x.ack(got)
			x.within("Receive", func() {
				if batch, _ := x.Subscriber.Receive(ended(), 1, time.Second); batch != nil {
					batch.Release()
				}
			})
			got = x.receive(1)
			x.wantArrays(got.inputs(), 2, 0)
			x.ack(got)
		},
	},
}

// wantDeliveredAgain receives 3 inputs for the second time and 2 for the first.
func (x *transportTest) wantDeliveredAgain() {
	x.Helper()
	again := x.receive(3)
	x.wantArrays(again.inputs(), 1, 2)
	fresh := x.receive(2)
	x.wantArrays(fresh.inputs(), 4, 1)
	x.wantPending(5)
	x.ack(again)
	x.ack(fresh)
	x.wantPending(0)
}

// sendPoison sends four inputs, of which the second and third are no messages.
func (x *transportTest) sendPoison() {
	x.send(1)
	x.Send([]byte("\x00 no JSON"), []byte(`{"managementContainer":{}}`))
	x.send(1)
}

func (x *transportTest) wantPoison(got inHand) {
	x.Helper()
	inputs := got.inputs()
	x.wantArrays(inputs[:1], 1, 0)
	x.wantArrays(inputs[3:], 2, 0)
	for i, in := range inputs[1:3] {
		if in.Err == nil || in.Event.Collisions != nil || in.Event.DENM != nil {
			x.Errorf("poison %d has the error %v and the event %+v; want an error and no message", i, in.Err, in.Event)
		}
		if in.ID == "" {
			x.Errorf("poison %d has no id", i)
		}
	}
}
