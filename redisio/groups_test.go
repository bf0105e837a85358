package redisio_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// Groups of inputs and outputs are there before anything is read or written, and
// those that are there already are left as they are.
func TestSetupCreatesGroups(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client, server := open(t, o), openProbe(t, o)
		server.do("XGROUP", "CREATE", "negations", "producer", "7", "MKSTREAM")
		must(t, client.Setup(t.Context()))
		must(t, client.Setup(t.Context()))
		want(t, "groups of collisions", server.groups("collisions"), "producer@0")
		want(t, "groups of negations", server.groups("negations"), "producer@7")
		want(t, "groups of denms", server.groups("denms"), "client@0")
		want(t, "GroupsCreated", client.Stats().GroupsCreated, 2)
	})
}

func TestOutputWithoutGroup(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Outputs[0].Group = ""
		client, server := open(t, o), openProbe(t, o)
		must(t, client.Setup(t.Context()))
		want(t, "EXISTS denms", server.number("EXISTS", "denms"), 0)
	})
}

// StartID says what a new group delivers of what was sent before it.
func TestStartID(t *testing.T) {
	for _, test := range []struct{ name, startID, want string }{
		{"default", "", "1 2 3"},
		{"beginning", "0", "1 2 3"},
		{"id", "1-0", "2 3"},
		{"end", "$", "3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				o.Inputs = o.Inputs[:1]
				o.Inputs[0].StartID = test.startID
				client, server := open(t, o), openProbe(t, o)
				for i, message := range arrays(1, 2) {
					server.do("XADD", "collisions", fmt.Sprint(i+1, "-0"), "message", string(message))
				}
				must(t, client.Setup(t.Context()))
				server.send("collisions", arrays(3, 1)...)
				want(t, "inputs", references(receiveBatch(t, client.Subscriber(), 10)), test.want)
			})
		})
	}
}

// A group that is lost while a read waits comes back, and what is sent
// afterwards is read, whatever the StartID.
func TestGroupLostWhileReading(t *testing.T) {
	losses := []struct {
		name, want string
		command    []string
	}{
		{"flushall", "2 3 4", []string{"FLUSHALL"}},
		{"del", "2 3 4", []string{"DEL", "collisions"}},
		// The stream is still there, and what of it was settled does not come again.
		{"destroy", "2 3 4", []string{"XGROUP", "DESTROY", "collisions", "producer"}},
	}
	for _, loss := range losses {
		for name, start := range map[string]string{"beginning": "0", "end": "$"} {
			t.Run(loss.name+"_"+name, func(t *testing.T) {
				onEachServer(t, func(t *testing.T, o redisio.Options) {
					o.Inputs[0].StartID = start
					o.Block = 200 * time.Millisecond
					client, server := open(t, o), openProbe(t, o)
					must(t, client.Setup(t.Context()))
					sub := client.Subscriber()
					server.send("collisions", arrays(1, 1)...)
					ackAll(t, receive(t, sub, 1)...)

					read := receiveInBackground(t, sub)
					server.awaitBlocked()
					server.do(loss.command...)
					server.send("collisions", arrays(2, 3)...)
					got := ""
					for got != loss.want {
						select {
						case b := <-read:
							got += " "[:min(len(got), 1)] + references(b)
						case <-time.After(10 * time.Second):
							t.Fatalf("inputs: got %s; want %s", got, loss.want)
						}
					}
					want(t, "pending", server.pending("collisions"), 0)
					want(t, "groups of denms", server.groups("denms"), "client@0")
				})
			})
		}
	}
}

// receiveInBackground receives and acknowledges until the test ends, whatever
// errors there are.
func receiveInBackground(t *testing.T, sub *redisio.Subscriber) <-chan den.Batch {
	batches, done := make(chan den.Batch), make(chan struct{})
	go func() {
		defer close(done)
		for t.Context().Err() == nil {
			b, err := sub.Receive(t.Context(), 100, time.Second)
			if err != nil || b == nil {
				continue
			}
			_ = b.Ack(t.Context())
			select {
			case batches <- b:
			case <-t.Context().Done():
			}
		}
	}()
	t.Cleanup(func() { <-done })
	return batches
}

// A group of a healthy stream that is lost is noticed by the commit as well. The
// inputs of the batch in hand are then delivered again.
func TestCommitAfterGroupLost(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client, server := open(t, o), openProbe(t, o)
		sub := client.Subscriber()
		server.send("collisions", arrays(1, 3)...)
		b := receiveBatch(t, sub, 10)
		server.do("XGROUP", "DESTROY", "collisions", "producer")
		if err := client.Publisher().Commit(t.Context(), b, answers(b, 1)); err == nil {
			t.Error("a commit without the group succeeded")
		}
		must(t, client.Publisher().Commit(t.Context(), b, answers(b, 1)))
		want(t, "DENMs", numbers(server.published("denms")), "")
		again := receive(t, sub, 3)
		want(t, "inputs", references(again...), "1 2 3")
		ackAll(t, again...)
		want(t, "pending", server.pending("collisions"), 0)
	})
}

// Where a lost group comes back before the batch in hand is committed, its
// entries are delivered into the batch's hands, and the commit settles them.
func TestGroupLostUnderABatch(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client, server := open(t, o), openProbe(t, o)
		sub := client.Subscriber()
		server.send("collisions", arrays(1, 3)...)
		b := receive(t, sub, 3)
		server.do("XGROUP", "DESTROY", "collisions", "producer")
		if _, err := sub.Receive(t.Context(), 10, time.Second); err == nil {
			t.Error("a read without the group succeeded")
		}
		receiveNothing(t, sub)
		first := uint16(1)
		for _, b := range b {
			must(t, client.Publisher().Commit(t.Context(), b, answers(b, first)))
			first += uint16(len(b.Inputs()))
		}
		want(t, "DENMs", numbers(server.published("denms")), "1 2 3")
		receiveNothing(t, sub)
		want(t, "pending", server.pending("collisions"), 0)
	})
}

// The same where the commit was answered before the entries were delivered, and
// the answer comes after them: the commit has done nothing, and they come again.
func TestGroupLostDuringACommit(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		faults, reply := new(faults), make(chan struct{})
		faults.attach(&o)
		server, client := openProbe(t, o), open(t, o)
		sub := client.Subscriber()
		server.send("collisions", arrays(1, 3)...)
		b := receiveBatch(t, sub, 3)
		server.do("XGROUP", "DESTROY", "collisions", "producer")
		if _, err := sub.Receive(t.Context(), 10, time.Second); err == nil {
			t.Error("a read without the group succeeded")
		}
		must(t, client.Setup(t.Context()))

		faults.onCommits(fate{hold: reply})
		committed := make(chan error)
		go func() { committed <- client.Publisher().Commit(t.Context(), b, answers(b, 1)) }()
		eventually(t, "the commit is answered", faults.holding)
		receiveNothing(t, sub)
		close(reply)
		must(t, <-committed)
		want(t, "DENMs", numbers(server.published("denms")), "")
		again := receiveBatch(t, sub, 3)
		want(t, "inputs", references(again), "1 2 3")
		ackAll(t, again)
		want(t, "pending", server.pending("collisions"), 0)
	})
}
