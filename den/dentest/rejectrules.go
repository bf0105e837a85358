package dentest

import (
	"errors"

	"github.com/step-its/producer/den"
)

// rejectRules is the contract of Batch.Reject.
var rejectRules = []transportRule{
	{
		name: "reject",
		why: "an input that the service cannot handle is acknowledged and kept with those that are no message: " +
			"else it comes again for ever and holds up the others, or is gone and nobody saw it",
		check: func(x *transportTest) {
			x.sendPoison()
			got := x.receive(4)
			got.reject(3)
			x.wantRejected(0)
			x.ack(got)
			x.ack(got) // may be repeated
			x.wantPending(0)
			x.wantRejected(3)
			x.reopen()
			x.receiveNothing()
			x.wantRejected(3)
		},
	},
	{
		name: "reject_released",
		why: "who gives back a batch says nothing of its inputs any more: the next process may be able to handle " +
			"what this one could not",
		check: func(x *transportTest) {
			x.send(2)
			got := x.receive(2)
			got.reject(0)
			got.release()
			x.wantRejected(0)
			again := x.receive(2)
			x.wantArrays(again.inputs(), 1, 2)
			x.ack(again)
			x.wantRejected(0)
			x.wantPending(0)
		},
	},
}

var errStoreFailed = errors.New("the store failed")

// reject rejects one of the inputs in hand.
func (h inHand) reject(index int) {
	for _, b := range h {
		if n := len(b.Inputs()); index >= n {
			index -= n
			continue
		}
		b.Reject(index, errStoreFailed)
		return
	}
}

// commitRejected is the rule of Reject for a den.Committer.
var commitRejected = transportRule{
	name: "commit_rejected",
	why: "an input that was rejected is put aside in the same step in which the DENMs of the others are " +
		"written, and once: else a crash loses it, doubles it, or holds up the others",
	check: func(x *transportTest) {
		x.send(3)
		got := x.receive(3)
		got.reject(1)
		var want []*den.DENM
		rejected := got.inputs()[1].ID
		for _, b := range got {
			var outputs []den.Output
			for i, in := range b.Inputs() {
				if in.ID != rejected {
					outputs = append(outputs, den.Output{DENM: x.warnings(1)[0], Input: i})
				}
			}
			for range 2 {
				x.commit(b, outputs)
			}
			want = append(want, denmsOf(outputs)...)
		}
		x.wantPublished(want)
		x.wantPending(0)
		x.wantRejected(1)
		x.reopen()
		x.receiveNothing()
	},
}
