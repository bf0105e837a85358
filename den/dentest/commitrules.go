package dentest

import "github.com/step-its/producer/den"

// commitRules is the contract of a den.Committer beyond that of a transport.
var commitRules = []transportRule{
	{
		name: "commit",
		why: "outputs are published and inputs acknowledged together: after a crash between the two, a " +
			"collision would be warned of twice or not at all",
		check: func(x *transportTest) {
			x.send(3)
			var want []*den.DENM
			for _, b := range x.receive(3) {
				outputs := x.outputs(b)
				last := len(b.Inputs()) - 1
				outputs = append(outputs, den.Output{DENM: x.warnings(1)[0], Input: last}) // some have more than one
				x.commit(b, outputs)
				want = append(want, denmsOf(outputs)...)
			}
			x.wantPublished(want)
			x.wantPending(0)
			x.receiveNothing()
			x.reopen()
			x.receiveNothing()
		},
	},
	{
		name: "commit_repeated",
		why:  "a commit whose reply was lost is repeated by a caller who cannot know that it happened",
		check: func(x *transportTest) {
			x.send(2)
			var want []*den.DENM
			for _, b := range x.receive(2) {
				outputs := x.outputs(b)
				for range 3 {
					x.commit(b, outputs)
				}
				want = append(want, denmsOf(outputs)...)
			}
			x.wantPublished(want)
			x.wantPending(0)
		},
	},
	{
		name: "commit_reply_lost", needsLoss: true,
		why: "a commit whose reply was lost has happened or not, and its repetition makes sure that it happened " +
			"once",
		check: func(x *transportTest) {
			x.send(2)
			var want []*den.DENM
			for _, b := range x.receive(2) {
				outputs := x.outputs(b)
				x.LoseReply()
				x.commitUntilItSucceeds(b, outputs)
				want = append(want, denmsOf(outputs)...)
			}
			x.wantPublished(want)
			x.wantPending(0)
		},
	},
	{
		name: "commit_lost_then_released", needsLoss: true,
		why: "a service that stops after a lost reply gives back a batch that is committed: the next one must " +
			"not get it again",
		check: func(x *transportTest) {
			x.send(1)
			b := x.receive(1)[0]
			outputs := x.outputs(b)
			x.LoseReply()
			_ = x.committer().Commit(x.ctx, b, outputs)
			b.Release()
			x.reopen()
			x.receiveNothing()
			x.wantPublished(denmsOf(outputs))
		},
	},
	{
		name: "commit_released",
		why: "a batch that was given back and delivered again is settled by whichever commit comes first; the " +
			"other one, with other outputs, comes too late",
		check: func(x *transportTest) {
			x.send(1)
			old := x.receive(1)[0]
			old.Release()
			b := x.receive(1)[0]
			outputs := x.outputs(b)
			x.commit(b, outputs)
			_ = x.committer().Commit(x.ctx, old, x.outputs(old)) // an error is as good
			x.wantPublished(denmsOf(outputs))
			x.wantPending(0)
		},
	},
	{
		name: "commit_settled_by_another",
		why: "a process that only seemed dead commits a batch that its successor has settled: its outputs come " +
			"of an old state, under numbers that the successor has given away",
		check: func(x *transportTest) {
			x.send(2)
			before, stalled := x.committer(), x.receive(2)
			x.reopen()
			var want []*den.DENM
			for _, b := range x.receive(2) {
				outputs := x.outputs(b)
				x.commit(b, outputs)
				want = append(want, denmsOf(outputs)...)
			}
			for _, b := range stalled {
				_ = before.Commit(x.ctx, b, x.outputs(b)) // an error is as good
			}
			x.wantPublished(want)
			x.wantPending(0)
		},
	},
	{
		name: "commit_partly_settled",
		why: "where only some inputs of a batch are still there, only their outputs are written: every input " +
			"is answered once",
		check: func(x *transportTest) {
			x.send(2)
			before, stalled := x.committer(), x.receive(2)
			x.reopen()
			first := x.receive(1)[0]
			outputs := x.outputs(first)
			x.commit(first, outputs)
			want, pending := denmsOf(outputs), 1
			for _, b := range stalled {
				outputs := x.outputs(b)
				for range 2 {
					if before.Commit(x.ctx, b, outputs) != nil {
						break // refused as a whole, which is as good
					}
					pending = 0
				}
				for _, o := range outputs {
					if pending == 0 && b.Inputs()[o.Input].ID != first.Inputs()[0].ID {
						want = append(want, o.DENM)
					}
				}
			}
			x.wantPublished(want)
			x.wantPending(pending)
		},
	},
	{
		name: "commit_poison",
		why: "an input that is no message is put aside in the same step as everything else, and once: else it " +
			"is lost or doubled by a crash",
		check: func(x *transportTest) {
			x.sendPoison()
			got := x.receive(4)
			x.wantPoison(got)
			var want []*den.DENM
			for _, b := range got {
				var outputs []den.Output
				for i, in := range b.Inputs() {
					if in.Err == nil {
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
			x.wantRejected(2)
		},
	},
	{
		name: "commit_without_inputs",
		why: "cancellations have no input that could tell a repetition, so their action id and reference time " +
			"do: an update of the same event must pass, and the same DENM must not",
		check: func(x *transportTest) {
			denms := x.warnings(2)
			update := *denms[0]
			update.Management.ReferenceTime++
			for _, d := range []*den.DENM{denms[0], denms[0], denms[1], &update, &update} {
				x.commit(nil, []den.Output{{DENM: d}})
			}
			want := []*den.DENM{denms[0], denms[1], &update}
			x.wantPublished(want)
			more := []den.Output{{DENM: x.warnings(1)[0]}, {DENM: x.warnings(1)[0]}}
			x.commit(nil, more)
			x.commit(nil, more)
			x.wantPublished(append(want, denmsOf(more)...))
		},
	},
	{
		name: "commit_repetition",
		why: "a DENM that is sent again on purpose must pass although it was written before, and each " +
			"repetition of it once: they differ in the time they were due",
		check: func(x *transportTest) {
			d := x.warnings(1)[0]
			for _, due := range []den.Timestamp{0, 200, 200, 400, 0, 200} {
				x.commit(nil, []den.Output{{DENM: d, Repetition: due}})
			}
			x.wantPublished([]*den.DENM{d, d, d})
		},
	},
	{
		name: "commit_negation",
		why: "a negation has the action id and reference time of what it negates, which may have been written " +
			"to the same output, and two stations may negate the same event: none of them is a repetition",
		check: func(x *transportTest) {
			d := x.warnings(1)[0]
			want := []*den.DENM{d, Negation(d, 9), Negation(d, 10)}
			for _, d := range append(want, want...) {
				x.commit(nil, []den.Output{{DENM: d}})
			}
			x.wantPublished(want)
		},
	},
	{
		name: "commit_without_inputs_reply_lost", needsLoss: true,
		why: "a cancellation whose reply was lost is repeated, and receivers must not take it for a second one",
		check: func(x *transportTest) {
			outputs := []den.Output{{DENM: x.warnings(1)[0]}, {DENM: x.warnings(1)[0]}}
			x.LoseReply()
			x.commitUntilItSucceeds(nil, outputs)
			x.commit(nil, outputs)
			x.wantPublished(denmsOf(outputs))
		},
	},
	{
		name: "commit_nothing",
		why: "a batch may come to nothing, since stale arrays and foreign DENMs are usual, and is acknowledged " +
			"all the same",
		check: func(x *transportTest) {
			x.commit(nil, nil)
			x.send(2)
			for _, b := range x.receive(2) {
				x.commit(b, nil)
			}
			x.commit(nil, nil)
			x.wantPublished(nil)
			x.wantPending(0)
		},
	},
	{
		name: "commit_settles",
		why:  "what comes after the commit of a batch has no effect, so a caller may always defer Release",
		check: func(x *transportTest) {
			x.send(2)
			got := x.receive(2)
			for _, b := range got {
				x.commit(b, nil)
			}
			got.release()
			x.wantPending(0)
			x.receiveNothing()
			x.wantArrays(got.inputs(), 1, 1)
		},
	},
	{
		name: "commit_ended_context",
		why: "a commit whose context has ended returns soon, and has happened wholly, or not at all and is " +
			"reported as an error: half of one is a warning without its acknowledgement, or the reverse",
		check: func(x *transportTest) {
			x.send(1)
			b := x.receive(1)[0]
			outputs := x.outputs(b)
			x.within("Commit", func() {
				if err := x.committer().Commit(ended(), b, outputs); err != nil {
					x.wantPublished(nil)
					x.wantPending(1)
				}
			})
			x.commit(b, outputs)
			x.wantPublished(denmsOf(outputs))
			x.wantPending(0)
		},
	},
}

// commitUntilItSucceeds repeats the same commit, as a service does.
func (x *transportTest) commitUntilItSucceeds(b den.Batch, outputs []den.Output) {
	x.Helper()
	for {
		err := x.committer().Commit(x.ctx, b, outputs)
		if err == nil {
			return
		}
		if x.ctx.Err() != nil {
			x.Fatalf("Commit did not succeed within %v: %v", patience, err)
		}
	}
}
