package redisio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// deliveries returns the server's counts of how often the pending entries of a stream
// were delivered.
func (p probe) deliveries(stream string) string {
	p.t.Helper()
	answer := p.do("XPENDING", stream, "producer", "-", "+", "1000")
	rows, err := answer.ToArray()
	must(p.t, err)
	var counts []string
	for i := range rows {
		row, err := rows[i].ToArray()
		must(p.t, err)
		n, err := row[3].AsInt64()
		must(p.t, err)
		counts = append(counts, fmt.Sprint(n))
	}
	return strings.Join(counts, " ")
}

// What a batch has in hand is delivered once, however long the batch takes and
// however often reads fail meanwhile.
func TestDeliveriesCounted(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.Block = 5 * time.Millisecond
		faults := new(faults)
		faults.attach(&o)
		server, client := openProbe(t, o), open(t, o)
		sub := client.Subscriber()
		sub.LookEvery(time.Millisecond)
		server.send("collisions", arrays(1, 3)...)
		inHand := receive(t, sub, 3)
		for range 10 {
			receiveNothing(t, sub)
			faults.onReads(fate{loseReply: true})
			_, _ = sub.Receive(t.Context(), 10, time.Second)
		}
		want(t, "deliveries", server.deliveries("collisions"), "1 1 1")
		want(t, "attempt", inHand[0].Inputs()[0].Attempt, 1)

		for attempt := 2; attempt < 4; attempt++ {
			sub = open(t, o).Subscriber()
			for _, in := range receiveBatch(t, sub, 3).Inputs() {
				want(t, "attempt of "+in.ID, in.Attempt, attempt)
			}
			receiveNothing(t, sub)
			want(t, "deliveries", server.deliveries("collisions"), strings.TrimSpace(strings.Repeat(fmt.Sprint(attempt, " "), 3)))
		}
	})
}

// What comes back because a read failed, or is given back in good order, is not
// counted: the process did not die of it.
func TestWhatIsGivenBackIsNotCounted(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.MaxDeliveries = 5
		faults := new(faults)
		faults.attach(&o)
		server := openProbe(t, o)
		server.send("collisions", arrays(1, 3)...)
		receive(t, open(t, o).Subscriber(), 3)
		for range 2 * o.MaxDeliveries { // starts
			client := open(t, o)
			sub := client.Subscriber()
			must(t, client.Publisher().Own(t.Context(), func(context.Context) error {
				for attempt := 2; attempt < 5; attempt++ {
					faults.onReads(fate{loseCall: true})
					if b, err := sub.Receive(t.Context(), 10, time.Second); err == nil {
						t.Errorf("Receive returned %v; want that its connection was cut", b)
					}
					b := receiveBatch(t, sub, 10)
					want(t, "inputs", references(b), "1 2 3")
					want(t, "attempt is counted", b.Inputs()[0].Attempt >= attempt, true)
					want(t, "deliveries", server.deliveries("collisions"), "2 2 2")
					b.Release()
				}
				receiveBatch(t, sub, 10) // and is in hand at the end
				return nil
			}))
			want(t, "deliveries", server.deliveries("collisions"), "1 1 1")
			client.Close()
		}
		want(t, "inputs", references(receiveBatch(t, open(t, o).Subscriber(), 10)), "1 2 3")
	})
}

// Those that only were in hand together with an input that every process dies of are
// not put aside with it: what three processes died with is delivered alone.
func TestSuspectsComeAlone(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.MaxDeliveries = 6
		server := openProbe(t, o)
		messages := arrays(1, 9)
		server.send("collisions", messages...)
		const poison = "6"
		got := make(map[string]bool)
		for process := 1; len(got) < 9; process++ {
			sub := open(t, o).Subscriber()
			for {
				b := receiveBatch(t, sub, 5)
				if b.Inputs()[0].Err != nil {
					got[poison] = true
					must(t, b.Ack(t.Context()))
					continue
				}
				if strings.Contains(" "+references(b)+" ", " "+poison+" ") || process < 3 {
					break // dies
				}
				for _, reference := range strings.Fields(references(b)) {
					got[reference] = true
				}
				must(t, b.Ack(t.Context()))
				if len(got) == 9 {
					break
				}
			}
			if process > 20 {
				t.Fatal("this does not end")
			}
		}
		letters := server.entries("dead")
		want(t, "dead letters", len(letters), 1)
		want(t, "original", letters[0].FieldValues["original.message"], string(messages[5]))
	})
}

// A suspect is the only one in hand: nothing else is delivered until it is settled,
// however far somebody reads ahead.
func TestNothingBesideASuspect(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.Block = 20 * time.Millisecond
		server := openProbe(t, o)
		server.send("collisions", arrays(1, 3)...)
		for range 3 { // processes die
			receive(t, open(t, o).Subscriber(), 3)
		}
		sub := open(t, o).Subscriber()
		first := receiveBatch(t, sub, 10)
		want(t, "inputs", references(first), "1")
		if b, err := sub.Receive(t.Context(), 10, time.Second); b != nil || err == nil {
			t.Errorf("Receive returned %v, %v; want an error while the suspect is in hand", b, err)
		}
		want(t, "deliveries", server.deliveries("collisions"), "4 3 3")
		ackAll(t, first)
		second := receiveBatch(t, sub, 10)
		want(t, "inputs", references(second), "2")
		go func() {
			time.Sleep(5 * time.Millisecond)
			second.Release()
		}()
		want(t, "inputs", references(receiveBatch(t, sub, 10)), "2") // waits for it
	})
}

// With few deliveries there is one at least at which a suspect is alone.
func TestSuspectsWithFewDeliveries(t *testing.T) {
	for _, most := range []int{2, 3, 4} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				oneInput(&o)
				o.MaxDeliveries = most
				server := openProbe(t, o)
				server.send("collisions", arrays(1, 5)...)
				for process := 1; server.pending("collisions") > 0 || process == 1; process++ {
					if process > 20 {
						t.Fatal("this does not end")
					}
					sub := open(t, o).Subscriber()
					for server.pending("collisions") > 0 || process == 1 {
						b := receiveBatch(t, sub, 10)
						if in := b.Inputs()[0]; in.Err == nil && strings.Contains(" "+references(b)+" ", " 3 ") {
							break // 3 kills it
						}
						ackAll(t, b)
					}
				}
				want(t, "dead letters", len(server.entries("dead")), 1)
			})
		})
	}
}

// A claim whose answer is lost is counted once for each process, however often it is
// tried again.
func TestClaimsThatGetLost(t *testing.T) {
	o := startRedis(t)
	oneInput(&o)
	o.MaxDeliveries, o.Timeout = 4, 200*time.Millisecond
	server := openProbe(t, o)
	proxy := redistest.StartProxy(t, o.Address)
	server.send("collisions", arrays(1, 2)...)
	receive(t, open(t, o).Subscriber(), 2)
	o.Address = proxy.Addr
	faults := new(faults)
	faults.attach(&o)
	sub := open(t, o).Subscriber()
	for range 10 {
		faults.onClaims(fate{loseReply: true})
		if b, err := sub.Receive(t.Context(), 10, time.Second); err == nil {
			t.Fatalf("Receive returned %v; want that the answer was lost", b)
		}
	}
	want(t, "deliveries", server.deliveries("collisions"), "2 2")
	want(t, "inputs", references(receiveBatch(t, sub, 10)), "1 2")
}

// A server that hangs executes later what it was sent meanwhile. All that was tried
// in the stall must not count as deliveries then, or what waits would be put aside.
func TestDeliveriesCountedInAStall(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	oneInput(&o)
	o.Timeout = 50 * time.Millisecond
	probe := openProbe(t, o)
	probe.send("collisions", arrays(1, 3)...)
	receive(t, open(t, o).Subscriber(), 3)
	sub := open(t, o).Subscriber()
	receiveBatch(t, sub, 3).Release()
	for range 3 {
		server.Pause(t)
		for range 10 {
			if _, err := sub.Receive(t.Context(), 10, time.Second); err == nil {
				t.Fatal("a server that hangs answered")
			}
		}
		server.Resume(t)
		b := receiveEventually(t, sub)
		want(t, "inputs", references(b), "1 2 3")
		b.Release()
	}
	if b := receiveBatch(t, sub, 3); b.Inputs()[0].Attempt > 10 {
		t.Errorf("the delivery after 3 stalls is number %d; want 6", b.Inputs()[0].Attempt)
	} else {
		t.Logf("the delivery after 3 stalls is number %d", b.Inputs()[0].Attempt)
	}
}

// Entries are delivered again in pages, and those around them that are in hand are
// left out.
func TestManyPending(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		const n = 1300 // more than are looked at in one step
		oneInput(&o)
		server := openProbe(t, o)
		server.send("collisions", arrays(2001, n)...)
		sub := open(t, o).Subscriber()
		batches := receive(t, sub, n)
		want(t, "batches", len(batches), 1)
		again := open(t, o).Subscriber()
		var got []den.Batch
		for range 13 {
			got = append(got, receiveBatch(t, again, 100))
		}
		receiveNothing(t, again)
		if references(got...) != upTo(2001, 2000+n) {
			t.Errorf("received %s; want all in order", references(got...))
		}
		got[1].Release()
		got[11].Release()
		want(t, "inputs given back", references(receiveBatch(t, again, 150)), upTo(2101, 2200)+" "+upTo(3101, 3150))
		want(t, "the others", references(receiveBatch(t, again, 150)), upTo(3151, 3200))
		receiveNothing(t, again)
	})
}

// An input that every process dies of is put aside in the end, as it came, and does
// not hold up the others.
func TestPoisonThatKills(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.MaxDeliveries = 20
		server, message := openProbe(t, o), string(arrays(1, 1)[0])
		server.do("XADD", "collisions", "1-0", "stuff", message, "sender", "bus 12")
		server.send("collisions", arrays(2, 1)...)
		for range o.MaxDeliveries { // 20 processes die with it in hand
			b := receiveBatch(t, open(t, o).Subscriber(), 1)
			if in := b.Inputs()[0]; in.ID != "collisions/1-0" {
				t.Fatalf("%s was delivered with the error %v; want 1-0", in.ID, in.Err)
			}
		}
		client := open(t, o)
		s := run(t, client)
		awaitDENMs(t, server, 1)
		eventually(t, "all is acknowledged", func() bool { return server.pending("collisions") == 0 })
		_ = s.stop()
		letters := server.entries("dead")
		want(t, "dead letters", len(letters), 1)
		letter := letters[0].FieldValues
		want(t, "reason", letter["reason"], "redisio: delivered 21 times and never settled: more often than MaxDeliveries allows")
		want(t, "id", letter["id"], "1-0")
		want(t, "original", letter["original.stuff"]+letter["original.sender"], message+"bus 12")
	})
}

// An input that is rejected goes to the dead letters as it came, once, together with
// what it led to; what is rejected because it is lost does not.
func TestReject(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, client := openProbe(t, o), open(t, o)
		sub := client.Subscriber()
		messages := arrays(1, 4)
		server.send("collisions", messages...)
		b := receiveBatch(t, sub, 4)
		b.Reject(1, errors.New("the store is full"))
		b.Reject(2, fmt.Errorf("somewhere else: %w", den.ErrInputLost))
		outputs := answers(b, 1)
		must(t, client.Publisher().Commit(t.Context(), b, outputs))
		must(t, client.Publisher().Commit(t.Context(), b, outputs))
		want(t, "DENMs", numbers(server.published("denms")), "1 2 3 4")
		letters := server.entries("dead")
		want(t, "dead letters", len(letters), 1)
		want(t, "reason", letters[0].FieldValues["reason"], "the store is full")
		want(t, "original", letters[0].FieldValues["original.message"], string(messages[1]))
		want(t, "id", "collisions/"+letters[0].FieldValues["id"], b.Inputs()[1].ID)
		want(t, "pending", server.pending("collisions"), 0)
	})
}

// Inputs that wait under another name are told of: nobody here asks for them, unless they
// are handed over.
func TestOtherNameIsTold(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		server.send("collisions", arrays(1, 2)...)
		receive(t, client.Subscriber(), 2)
		o.Name = "producer_2"
		log := logged(&o)
		sub := open(t, o).Subscriber()
		sub.LookEvery(0)
		receiveNothing(t, sub)
		told := lines(log, "level=WARN")
		if len(told) != 1 || !strings.Contains(told[0], `msg="inputs wait under another name" stream=collisions group=producer name=producer_1 count=2`) {
			t.Errorf("the log says %q", told)
		}
		server.do("XAUTOCLAIM", "collisions", "producer", "producer_2", "0", "0-0")
		receive(t, sub, 2)
	})
}
