package redisio_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// A commit may have happened before the stream was deleted. Then it is not done again:
// what it wrote could be there twice.
func TestStreamDeletedAfterACommitThatFailed(t *testing.T) {
	for name, fate := range map[string]fate{"before": {loseReply: true}, "not_at_all": {loseCall: true}} {
		t.Run(name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				faults := new(faults)
				faults.attach(&o)
				x := startReader(t, o)
				x.send(2)
				inHand := receiveBatch(t, x.sub, 2)
				commit := func() error { return x.client.Publisher().Commit(t.Context(), inHand, answers(inHand, 1)) }
				faults.onCommits(fate)
				if commit() == nil {
					t.Error("the commit did not fail")
				}
				x.server.do("DEL", "collisions")
				receiveAll(t, x.sub)
				must(t, commit())
				want(t, "DENMs", numbers(x.server.published("denms")), map[string]string{"before": "1 2"}[name])
			})
		})
	}
}

// A commit for which there was no connection has not happened.
func TestStreamDeletedAfterACommitThatWasNotSent(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		faults := new(faults)
		faults.attach(&o)
		x := startReader(t, o)
		x.send(2)
		inHand := receiveBatch(t, x.sub, 2)
		publisher := x.client.Publisher()
		commit := func() error { return publisher.Commit(t.Context(), inHand, answers(inHand, 1)) }
		faults.refuse(true)
		faults.cut()
		eventually(t, "there is no connection", func() bool {
			return errors.Is(publisher.Publish(t.Context(), warnings(9, 1)), errRefused)
		})
		if err := commit(); !errors.Is(err, errRefused) {
			t.Errorf("the commit returned %v; want %v", err, errRefused)
		}
		faults.refuse(false)
		x.server.do("DEL", "collisions")
		receiveAll(t, x.sub)
		must(t, commit())
		want(t, "DENMs", numbers(x.server.published("denms")), "1 2")
	})
}

// The commit of what was in hand when its stream was deleted may fail, too. It is
// repeated, and done once.
func TestCommitWithoutItsStreamFails(t *testing.T) {
	for name, fate := range map[string]fate{"done": {loseReply: true}, "not_done": {loseCall: true}} {
		t.Run(name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				faults := new(faults)
				faults.attach(&o)
				x := startReader(t, o)
				x.send(2)
				inHand := receiveBatch(t, x.sub, 2)
				x.server.do("DEL", "collisions")
				receiveAll(t, x.sub)
				commit := func() error { return x.client.Publisher().Commit(t.Context(), inHand, answers(inHand, 1)) }
				faults.onCommits(fate)
				if commit() == nil {
					t.Error("the commit did not fail")
				}
				must(t, commit())
				want(t, "DENMs", numbers(x.server.published("denms")), "1 2")
			})
		})
	}
}

// halfCommit is the commit of a large batch that has come to the end of its first part: that is
// done, and the answer waits.
type halfCommit struct {
	x       *reader
	batch   den.Batch
	release func() // lets the answer through
	ended   chan error
}

// startHalfCommit sends n inputs, receives them, and commits the first part. What is to happen
// between, meanwhile does. The client must have the faults.
func startHalfCommit(x *reader, faults *faults, n int, meanwhile func()) *halfCommit {
	x.t.Helper()
	answer := make(chan struct{})
	c := &halfCommit{x: x, release: sync.OnceFunc(func() { close(answer) }), ended: make(chan error, 1)}
	x.t.Cleanup(c.release)
	x.server.send("collisions", arrays(1, n)...)
	c.batch = receiveBatch(x.t, x.sub, n)
	want(x.t, "inputs", len(c.batch.Inputs()), n)
	if meanwhile != nil {
		meanwhile()
	}
	faults.onCommits(fate{hold: answer})
	go func() { c.ended <- c.again() }()
	eventually(x.t, "the first part is done", faults.holding)
	return c
}

// end lets the commit go on, which is to fail.
func (c *halfCommit) end() {
	c.x.t.Helper()
	c.release()
	if <-c.ended == nil {
		c.x.t.Error("the commit did not fail")
	}
}

// again commits the batch as it was committed before.
func (c *halfCommit) again() error {
	return c.x.client.Publisher().Commit(c.x.t.Context(), c.batch, answers(c.batch, 1))
}

// A large batch is committed in parts. When its stream is deleted between two of them,
// the first one is not written again.
func TestStreamDeletedDuringALargeCommit(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		const n = 600
		faults := new(faults)
		faults.attach(&o)
		x := startReader(t, o)
		commit := startHalfCommit(x, faults, n, nil)
		x.server.do("DEL", "collisions")
		commit.end()
		receiveAll(t, x.sub)
		must(t, commit.again())
		want(t, "DENMs", numbers(x.server.published("denms")), upTo(1, n))
	})
}

// What was not done because a new group had not delivered it yet is done when a later one has.
func TestGroupDestroyedTwiceDuringALargeCommit(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		const n = 600
		faults := new(faults)
		faults.attach(&o)
		x := startReader(t, o)
		destroy := func() { x.server.do("XGROUP", "DESTROY", "collisions", "producer") }
		x.server.send("collisions", arrays(1, n)...)
		inHand := receiveBatch(t, x.sub, n)
		commit := func() error { return x.client.Publisher().Commit(t.Context(), inHand, answers(inHand, 1)) }
		destroy()
		if commit() == nil {
			t.Error("a commit without a group did not fail")
		}
		answer := make(chan struct{})
		faults.onCommits(fate{hold: answer})
		ended := make(chan error, 1)
		go func() { ended <- commit() }()
		eventually(t, "the new group was asked for the first part", faults.holding)
		destroy()
		close(answer)
		if <-ended == nil {
			t.Error("a commit that has lost its group did not fail")
		}
		want(t, "DENMs", numbers(x.server.published("denms")), "")
		want(t, "inputs that come again", references(receiveAll(t, x.sub)...), "") // for they are in hand
		must(t, commit())
		want(t, "DENMs", numbers(x.server.published("denms")), upTo(1, n))
		want(t, "pending", x.server.pending("collisions"), 0)
	})
}

// The group may even be created again before the next part arrives. That nothing of it is
// pending then does not mean that it is done.
func TestStreamDeletedAndCreatedDuringALargeCommit(t *testing.T) {
	for name, keys := range map[string][]string{
		"stream":     {"collisions"},
		"and_ledger": {"collisions", "collisions:producer:ledger"},
	} {
		t.Run(name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				const n = 600
				faults := new(faults)
				faults.attach(&o)
				x := startReader(t, o)
				commit := startHalfCommit(x, faults, n, nil)
				x.server.do(append([]string{"DEL"}, keys...)...)
				received := make(chan []den.Batch)
				go func() { received <- receiveAll(t, x.sub) }()
				eventually(t, "the group is there again", func() bool {
					return x.server.text("TYPE", "collisions") == "stream"
				})
				commit.end()
				want(t, "inputs", references(<-received...), "")
				must(t, commit.again())
				want(t, "DENMs", numbers(x.server.published("denms")), upTo(1, n))
				want(t, "Lost", x.client.Stats().Lost, 0)
			})
		})
	}
}

// The part of a batch that was done before its group was destroyed is not done again when the
// new group has delivered it again.
func TestGroupDestroyedDuringALargeCommit(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		const n = 400
		faults := new(faults)
		faults.attach(&o)
		x := startReader(t, o)
		commit := startHalfCommit(x, faults, n, nil)
		x.server.do("XGROUP", "DESTROY", "collisions", "producer")
		commit.end()
		want(t, "inputs", references(receiveAll(t, x.sub)...), "")
		must(t, commit.again())
		want(t, "DENMs", numbers(x.server.published("denms")), upTo(1, n))
		want(t, "pending", x.server.pending("collisions"), 0)
	})
}

// What is told as lost with a stream is what waited in it, whatever part of a batch is done.
func TestStreamDeletedUnderHalfABatch(t *testing.T) {
	const n, waiting = 600, 50
	o := startRedis(t)
	faults := new(faults)
	faults.attach(&o)
	x := startReader(t, o)
	commit := startHalfCommit(x, faults, n, func() {
		x.server.send("collisions", arrays(n+1, waiting+1)...)
		x.pause()
		receiveBatch(t, x.sub, 1) // and has looked
	})
	x.server.do("DEL", "collisions")
	commit.end()
	receiveAll(t, x.sub)
	must(t, commit.again())
	want(t, "DENMs", numbers(x.server.published("denms")), upTo(1, n))
	want(t, "Lost", x.client.Stats().Lost, waiting)
}

// A commit that is repeated does not write again what an earlier one has done, when the stream
// is deleted while it goes on.
func TestStreamDeletedDuringASecondCommit(t *testing.T) {
	const n = 1200 // nine calls
	o := startRedis(t)
	faults, second := new(faults), make(chan struct{})
	release := sync.OnceFunc(func() { close(second) })
	faults.attach(&o)
	x := startReader(t, o)
	defer release()
	x.server.send("collisions", arrays(1, n)...)
	inHand := receiveBatch(t, x.sub, n)
	commit := func() error { return x.client.Publisher().Commit(t.Context(), inHand, answers(inHand, 1)) }
	faults.onCommits(fate{}, fate{}, fate{}, fate{}, fate{loseCall: true})
	if commit() == nil {
		t.Fatal("the commit did not fail")
	}
	faults.onCommits(fate{hold: second})
	committed := make(chan error)
	go func() { committed <- commit() }()
	eventually(t, "the first part is done once more", faults.holding)
	x.server.do("DEL", "collisions")
	release()
	if <-committed == nil {
		t.Error("the commit did not fail")
	}
	receiveAll(t, x.sub)
	must(t, commit())
	var last uint16
	for _, d := range x.server.published("denms") { // without those of the call that was lost
		if n := d.Management.ActionID.SequenceNumber; n <= last {
			t.Fatalf("%d was published after %d", n, last)
		} else {
			last = n
		}
	}
	want(t, "the last one", last, n)
}

// Another client of the same role, such as a process that has just been started, may create
// the group of a stream that was deleted. What is in hand is written all the same, and what
// the new group has delivered before that was noticed is written once.
func TestGroupCreatedByAnotherClient(t *testing.T) {
	for name, lose := range map[string][]string{"stream": {"DEL", "collisions"}, "all": {"FLUSHALL"}, "group": {"XGROUP", "DESTROY", "collisions", "producer"}} {
		t.Run(name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				x := startReader(t, o)
				x.send(2)
				inHand := receiveBatch(t, x.sub, 2)
				o = x.o
				o.Name = "producer_2"
				other := open(t, o)
				x.server.do(lose...)
				must(t, other.Setup(t.Context()))
				x.send(2)
				more := receiveBatch(t, x.sub, 2)
				want(t, "inputs", references(more), "3 4")

				publisher := x.client.Publisher()
				if publisher.Commit(t.Context(), inHand, answers(inHand, 1)) == nil {
					t.Error("it was not noticed that the group is another one")
				}
				must(t, publisher.Commit(t.Context(), more, answers(more, 3)))
				must(t, publisher.Commit(t.Context(), inHand, answers(inHand, 1)))
				want(t, "inputs that come again", references(receiveAll(t, x.sub)...), "")
				want(t, "DENMs", numbers(x.server.published("denms")), "3 4 1 2")
				want(t, "pending", x.server.pending("collisions"), 0)
			})
		})
	}
}
