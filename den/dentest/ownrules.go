package dentest

import (
	"context"
	"errors"
	"time"

	"github.com/step-its/producer/den"
)

// ownRules is the contract of a den.Owner.
var ownRules = []transportRule{
	{
		name: "own",
		why: "Own calls work when the streams are ours, work may write, and Own returns what work returned: by " +
			"that a service knows whether it was stopped, has failed, or is to stand by",
		check: func(x *transportTest) {
			var want []*den.DENM
			for range 2 { // one after the other
				x.send(2)
				o, ctx := x.own(x.Publisher)
				if err := ctx.Err(); err != nil {
					x.Errorf("the context of work has ended when it begins: %v", err)
				}
				want = append(want, x.publish(x.Publisher))
				want = append(want, x.settle(x.Publisher, x.receive(2))...)
				x.end(o)
			}
			x.wantPublished(want)
			x.wantPending(0)
		},
	},
	{
		name: "own_excludes",
		why: "of several processes one works and the others stand by: two of them would open two events for one " +
			"collision, under action ids that the other one uses too",
		check: func(x *transportTest) {
			before := x.Publisher
			first, _ := x.own(before)
			x.reopen()
			second := x.beginToOwn(x.ctx, x.Publisher)
			x.wantStandby(second, time.Second)
			if err := x.Publisher.Publish(x.ctx, x.warnings(1)); err == nil {
				x.Error("Publish by a process that stands by returned nil; want an error")
			}
			want := []*den.DENM{x.publish(before)}
			x.end(first)
			x.wantWork(second, takeover)
			want = append(want, x.publish(x.Publisher))
			x.end(second)
			x.wantPublished(want)
		},
	},
	{
		name: "own_to_the_end",
		why: "when the context of Own ends, work finishes what is in hand, and the streams are ours until it " +
			"returns: the next owner would answer the same inputs, and ours would be refused",
		check: func(x *transportTest) {
			reason := errors.New("signal: terminated")
			ctx, cancel := context.WithCancelCause(x.ctx)
			defer cancel(nil)
			before := x.Publisher
			first := x.beginToOwn(ctx, before)
			working := x.wantWork(first, takeover)
			cancel(reason)
			x.wantEnd(working, soon, reason)
			x.reopen()
			second := x.beginToOwn(x.ctx, x.Publisher)
			x.wantStandby(second, time.Second)
			want := x.publish(before)
			x.end(first)
			x.wantWork(second, takeover)
			x.end(second)
			x.wantPublished([]*den.DENM{want})
		},
	},
	{
		name: "own_ended_context",
		why: "a process that stands by can be stopped at any time, and leaves nothing behind that would keep the " +
			"others waiting",
		check: func(x *transportTest) {
			o := x.beginToOwn(ended(), x.Publisher)
			x.wantOver(o)
			if o.err == nil || len(o.began) > 0 {
				x.Errorf("Own with an ended context returned %v, after %d calls of work; want an error, and none",
					o.err, len(o.began))
			}
			first, _ := x.own(x.Publisher)
			x.reopen()
			ctx, cancel := context.WithCancel(x.ctx)
			defer cancel()
			second := x.beginToOwn(ctx, x.Publisher)
			x.wantStandby(second, 100*time.Millisecond)
			cancel()
			x.wantOver(second)
			if second.err == nil {
				x.Error("Own returned nil when its context ended; want an error")
			}
			x.end(first)
			third, _ := x.own(x.Publisher)
			x.end(third)
		},
	},
	{
		name: "own_fenced",
		why: "an owner that was stalled wakes up when another one has taken over: what it still has in hand was " +
			"made from an old state, so none of it may be written, and it has to learn that it must stand by",
		check: func(x *transportTest) {
			x.send(2)
			o, working := x.own(x.Publisher)
			got := x.receive(2)
			x.Depose()
			x.wantFenced(x.Publisher, got)
			x.wantEnd(working, takeover, den.ErrFenced)
			x.wantFenced(x.Publisher, got)
			x.end(o)
		},
	},
	{
		name: "own_fenced_late",
		why: "the old owner stays fenced while the next one works, however late its writes come, and does not " +
			"disturb it: each input is answered once",
		check: func(x *transportTest) {
			x.send(2)
			before := x.Publisher
			first, _ := x.own(before)
			stalled := x.receive(2)
			x.Depose()
			x.reopen()
			second, _ := x.own(x.Publisher)
			x.wantFenced(before, stalled)
			want := x.settle(x.Publisher, x.receive(2))
			x.wantFenced(before, stalled)
			x.end(first)
			x.wantFenced(before, stalled)
			want = append(want, x.publish(x.Publisher))
			x.end(second)
			x.wantPublished(want)
			x.wantPending(0)
		},
	},
	{
		name: "own_again",
		why: "who was fenced stands by and may own the streams again, for the other one may end at any time: a " +
			"pair of processes must not become one that works and one that never will",
		check: func(x *transportTest) {
			x.send(2)
			first, _ := x.own(x.Publisher)
			x.receive(2).release()
			x.Depose()
			x.end(first)
			second, _ := x.own(x.Publisher)
			want := x.settle(x.Publisher, x.receive(2))
			x.end(second)
			x.wantPublished(want)
			x.wantPending(0)
		},
	},
}
