package redisio_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// oneInput leaves the first input only, so that reads are as large as they may.
func oneInput(o *redisio.Options) { o.Inputs = o.Inputs[:1] }

// What a crashed process had in hand comes first in the next one, page by page
// and in order, and then what is new.
func TestCrashedProcess(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, crashed := openProbe(t, o), open(t, o)
		server.send("collisions", arrays(1, 12)...)
		want(t, "inputs", references(receiveBatch(t, crashed.Subscriber(), 10)), upTo(1, 10))

		sub := open(t, o).Subscriber()
		for i, page := range []string{"1 2 3 4", "5 6 7 8", "9 10 11 12"} {
			b := receiveBatch(t, sub, 4)
			want(t, "inputs", references(b), page)
			for j, in := range b.Inputs() {
				attempt := 2
				if 4*i+j+1 > 10 { // the crashed process did not have it
					attempt = 1
				}
				want(t, "attempt of "+in.ID, in.Attempt, attempt)
			}
		}
		receiveNothing(t, sub)
		want(t, "pending", server.pending("collisions"), 12)
	})
}

// Another consumer name is another consumer: what the first had in hand is not
// for it.
func TestOtherNameGetsNothing(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		server.send("collisions", arrays(1, 2)...)
		receive(t, client.Subscriber(), 2)
		o.Name = "producer_2"
		receiveNothing(t, open(t, o).Subscriber())
	})
}

// After a lost connection everything pending is looked at again, but what a
// batch in hand still holds is not delivered twice.
func TestConnectionLost(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		faults := new(faults)
		faults.attach(&o)
		server, client := openProbe(t, o), open(t, o)
		sub := client.Subscriber()
		server.send("collisions", arrays(1, 5)...)
		inHand := receiveBatch(t, sub, 5)

		server.send("collisions", arrays(6, 2)...)
		faults.onReads(fate{loseReply: true})
		if b, err := sub.Receive(t.Context(), 5, time.Second); err == nil {
			t.Fatalf("received %s over a lost connection", references(b))
		}
		want(t, "pending", server.pending("collisions"), 7)
		want(t, "inputs after the loss", references(receive(t, sub, 2)...), "6 7")
		receiveNothing(t, sub)

		faults.cut()
		eventually(t, "the batch is acknowledged", func() bool { return inHand.Ack(t.Context()) == nil })
		want(t, "pending", server.pending("collisions"), 2)
		want(t, "ReadErrors", client.Stats().ReadErrors, 1)
	})
}

// A call that did not even reach the server is an error like any other.
func TestCallLost(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		faults := new(faults)
		faults.attach(&o)
		server, sub := openProbe(t, o), open(t, o).Subscriber()
		server.send("collisions", arrays(1, 2)...)
		faults.onReads(fate{loseCall: true})
		if b, err := sub.Receive(t.Context(), 5, time.Second); err == nil {
			t.Fatalf("received %s over a lost connection", references(b))
		}
		want(t, "inputs", references(receive(t, sub, 2)...), "1 2")
	})
}

// What a read took that came through late, such as that of an owner who was cut off,
// is delivered before what is newer, and not left for the next look.
func TestLateRead(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, sub := openProbe(t, o), open(t, o).Subscriber()
		sub.LookEvery(time.Hour)
		lateRead := func(n int) {
			server.do("XREADGROUP", "GROUP", "producer", o.Name, "COUNT", strconv.Itoa(n), "STREAMS", "collisions", ">")
		}
		receiveNothing(t, sub)
		server.send("collisions", arrays(1, 2)...)
		inHand := receiveBatch(t, sub, 10)

		server.send("collisions", arrays(3, 5)...)
		lateRead(2)
		want(t, "inputs", references(receiveBatch(t, sub, 3)), "3 4 5")
		want(t, "inputs", references(receiveBatch(t, sub, 3)), "6 7")
		receiveNothing(t, sub)
		ackAll(t, inHand)
		want(t, "pending", server.pending("collisions"), 5)
	})
}

// When the server does not say whether something was passed over, what is new is delivered
// all the same, and once.
func TestNoWordOfWhatWasPassedOver(t *testing.T) {
	o := startRedis(t)
	oneInput(&o)
	o.MaxDeliveries = 1
	server := openProbe(t, o)
	o.Username, o.Password = "den", password
	server.do("ACL", "SETUSER", "den", "on", ">"+password, "~*", "&*", "+@all")
	sub := open(t, o).Subscriber()
	sub.LookEvery(time.Hour)
	receiveNothing(t, sub)

	server.send("collisions", arrays(1, 3)...)
	server.do("ACL", "SETUSER", "den", "-xpending")
	b := receiveBatch(t, sub, 10)
	server.do("ACL", "SETUSER", "den", "+xpending")
	want(t, "inputs", references(b), "1 2 3")
	for _, in := range b.Inputs() {
		if in.Err != nil || in.Attempt != 1 {
			t.Errorf("attempt %d, error %v", in.Attempt, in.Err)
		}
	}
	ackAll(t, b)
	want(t, "pending", server.pending("collisions"), 0)
}

// What is released comes again before anything newer, even where a read was on
// its way already.
func TestReleaseDuringARead(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.Block = 200 * time.Millisecond
		faults, reply := new(faults), make(chan struct{})
		faults.attach(&o)
		server, sub := openProbe(t, o), open(t, o).Subscriber()
		server.send("collisions", arrays(1, 3)...)
		inHand := receiveBatch(t, sub, 10)
		receiveNothing(t, sub)

		faults.onReads(fate{hold: reply})
		read := receiveOnce(t, sub)
		server.send("collisions", arrays(4, 3)...)
		eventually(t, "the read is answered", faults.holding)
		inHand.Release()
		close(reply)
		want(t, "inputs", references(<-read), upTo(1, 6))
		receiveNothing(t, sub)
	})
}

// A batch that is committed while what is pending is looked at is not delivered a
// second time.
func TestCommitDuringALook(t *testing.T) {
	for _, word := range []string{"XPENDING", "EVAL\r\n"} { // the second takes the entries
		t.Run(word[:4], func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				oneInput(&o)
				reply := new(heldReply)
				reply.attach(&o)
				server, sub := openProbe(t, o), open(t, o).Subscriber()
				server.send("collisions", arrays(1, 4)...)
				first, second := receiveBatch(t, sub, 2), receiveBatch(t, sub, 2)
				second.Release() // and so the next read begins with what is pending

				release := reply.hold(word)
				read := receiveOnce(t, sub)
				eventually(t, "the look is answered", reply.holding)
				ackAll(t, first)
				release()
				want(t, "inputs", references(<-read), "3 4")
				receiveNothing(t, sub)
			})
		})
	}
}

// receiveOnce calls Receive in the background, which must not fail.
func receiveOnce(t *testing.T, sub *redisio.Subscriber) <-chan den.Batch {
	batches := make(chan den.Batch, 1)
	go func() {
		b, err := sub.Receive(t.Context(), 10, time.Second)
		if err != nil {
			t.Error(err)
		}
		batches <- b
	}()
	return batches
}
