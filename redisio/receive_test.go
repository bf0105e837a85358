package redisio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// Receive waits for Block where there is nothing, and no longer.
func TestReceiveWaits(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Block = 100 * time.Millisecond
		sub := open(t, o).Subscriber()
		receiveNothing(t, sub)
		start := time.Now()
		receiveNothing(t, sub) // reads three times
		if took := time.Since(start); took < 290*time.Millisecond || took > 2*time.Second {
			t.Errorf("three reads took %v; want 300ms", took)
		}
	})
}

func TestReceiveWithoutInputs(t *testing.T) {
	o := options("127.0.0.1:1")
	o.Inputs = nil
	if _, err := open(t, o).Subscriber().Receive(t.Context(), 1, time.Second); !errors.Is(err, den.ErrPermanent) {
		t.Errorf("Receive without inputs returned %v; want ErrPermanent", err)
	}
}

// Inputs may have groups of their own. They are waited for in turn, and no one's
// input waits long for the others.
func TestReceiveFromSeveralGroups(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Inputs[1].Group = "other"
		o.Block = time.Second
		server, client := openProbe(t, o), open(t, o)
		sub := client.Subscriber()
		if _, err := sub.Receive(t.Context(), 1, time.Second); err != nil {
			t.Fatal(err)
		}
		for _, stream := range []string{"collisions", "negations"} {
			read := receiveOnce(t, sub)
			server.awaitBlocked()
			sent := time.Now()
			server.send(stream, arrays(7, 1)...)
			b := <-read
			if b == nil {
				t.Fatalf("nothing of %s was received", stream)
			}
			if took := time.Since(sent); took > 500*time.Millisecond {
				t.Errorf("an input of %s waited for %v; want 50ms", stream, took)
			}
			ackAll(t, b)
		}
		server.send("collisions", arrays(1, 2)...)
		server.send("negations", arrays(3, 2)...)
		batches := receive(t, sub, 4)
		want(t, "batches", len(batches), 1)
		got := strings.Fields(references(batches...))
		slices.Sort(got)
		want(t, "inputs", strings.Join(got, " "), "1 2 3 4")
		ackAll(t, batches...)
		want(t, "pending of collisions", server.pending("collisions"), 0)
		receiveNothing(t, open(t, o).Subscriber())
	})
}

// A batch that is not full says that nothing more waits, so what one stream leaves
// of it the others fill, be they of the same group or not.
func TestReceiveFillsTheBatch(t *testing.T) {
	for _, group := range []string{"producer", "other"} {
		t.Run(group, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				o.Inputs[1].Group = group
				server, client := openProbe(t, o), open(t, o)
				sub := client.Subscriber()
				receiveNothing(t, sub)
				server.send("collisions", arrays(1, 10)...)
				server.send("negations", arrays(101, 1)...)
				first, second := receiveBatch(t, sub, 8), receiveBatch(t, sub, 8)
				want(t, "inputs of the first batch", len(first.Inputs()), 8)
				want(t, "inputs of the second batch", len(second.Inputs()), 3)
				if !strings.Contains(references(first, second), "101") {
					t.Errorf("received %s; want 101, too", references(first, second))
				}

				first.Release() // pending and new inputs together fill one
				server.send("negations", arrays(102, 2)...)
				want(t, "inputs given back and new ones", len(receiveBatch(t, sub, 20).Inputs()), 10)
			})
		})
	}
}

// What waits is received at once after the start and after a pause, and then also
// that nothing waits is told at once.
func TestReceiveAtOnce(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Block = time.Second
		sub := open(t, o).Subscriber()
		for _, when := range []string{"start", "pause"} {
			start := time.Now()
			b, err := sub.Receive(t.Context(), 10, time.Second)
			must(t, err)
			if took := time.Since(start); b != nil || took > 500*time.Millisecond {
				t.Errorf("after a %s, Receive took %v; want nothing at once", when, took)
			}
			time.Sleep(1100 * time.Millisecond) // the least pause is 1 s
		}
	})
}

// A batch never has more inputs than were asked for, however many streams there
// are, and a busy stream does not keep the others from being read.
func TestReceiveAtMost(t *testing.T) {
	for _, most := range []int{1, 2, 3, 5, 64} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				o.Inputs = append(o.Inputs, redisio.InputStream{Stream: "more", Group: "producer"})
				server, client := openProbe(t, o), open(t, o)
				sub := client.Subscriber()
				for i, in := range o.Inputs {
					server.send(in.Stream, arrays(den.StationID(1+100*i), 20)...)
				}
				var got [3]int // of each stream
				for n := 0; n < 60; {
					b := receiveBatch(t, sub, most)
					if len(b.Inputs()) > most {
						t.Fatalf("a batch of at most %d has %d inputs", most, len(b.Inputs()))
					}
					for _, in := range b.Inputs() {
						reference := int(in.Event.Collisions.Stations[0].StationID)
						stream := reference / 100
						got[stream]++
						want(t, "input", reference, 100*stream+got[stream])
					}
					if n += len(b.Inputs()); n >= 20 && slices.Contains(got[:], 0) {
						t.Errorf("after %d inputs there are none of some stream: %v", n, got)
					}
					ackAll(t, b)
				}
				receiveNothing(t, sub)
			})
		})
	}
}

// A context that ends in the middle of a read takes nothing with it. Entries are
// added in the very moment, round after round.
func TestContextEndsDuringARead(t *testing.T) {
	o := startRedis(t)
	oneInput(&o)
	o.Block = 20 * time.Millisecond
	server, client := openProbe(t, o), open(t, o)
	sub := client.Subscriber()
	const rounds = 300
	got := 0
	for round := range den.StationID(rounds) {
		ctx, cancel := context.WithCancel(t.Context())
		start := make(chan struct{})
		var both sync.WaitGroup
		both.Go(func() { <-start; cancel() })
		both.Go(func() { <-start; server.send("collisions", arrays(round, 1)...) })
		time.AfterFunc(time.Duration(round%20)*time.Millisecond/10, func() { close(start) })
		b, err := sub.Receive(ctx, 10, time.Second)
		both.Wait()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if b == nil {
			b = receiveBatch(t, sub, 10)
		}
		want(t, "inputs", references(b), fmt.Sprint(round))
		want(t, "attempt", b.Inputs()[0].Attempt, 1)
		got += len(b.Inputs())
		ackAll(t, b)
	}
	want(t, "inputs", got, rounds)
	want(t, "pending", server.pending("collisions"), 0)
	want(t, "ReadErrors", client.Stats().ReadErrors, 0)
}

// A server that hangs makes Receive and Commit fail in time, and what was
// committed meanwhile is committed once.
func TestServerHangs(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	oneInput(&o)
	o.Timeout = 300 * time.Millisecond
	probe, client := openProbe(t, o), open(t, o)
	sub := client.Subscriber()
	probe.send("collisions", arrays(1, 2)...)
	b := receiveBatch(t, sub, 2)
	receiveNothing(t, sub)

	server.Pause(t)
	start := time.Now()
	if _, err := sub.Receive(t.Context(), 10, time.Second); err == nil {
		t.Error("a server that hangs answered a read")
	}
	if took := time.Since(start); took < 300*time.Millisecond || took > 3*time.Second {
		t.Errorf("a read took %v; want Block and Timeout, 350ms", took)
	}
	start = time.Now()
	if err := client.Publisher().Commit(t.Context(), b, answers(b, 1)); err == nil {
		t.Error("a server that hangs answered a commit")
	}
	if took := time.Since(start); took < 250*time.Millisecond || took > 3*time.Second {
		t.Errorf("a commit took %v; want Timeout, 300ms", took)
	}
	server.Resume(t)
	eventually(t, "the commit is repeated", func() bool {
		return client.Publisher().Commit(t.Context(), b, answers(b, 1)) == nil
	})
	want(t, "DENMs", numbers(probe.published("denms")), "1 2")
	probe.send("collisions", arrays(3, 1)...)
	want(t, "inputs after the stall", references(receiveEventually(t, sub)), "3")
	want(t, "pending", probe.pending("collisions"), 1)
}

// When its context ends, Receive on a server that hangs returns when Block is over
// and 250 ms more, whether it was reading, looking around or connecting.
func TestContextEndsOnAHangingServer(t *testing.T) {
	for _, test := range []struct {
		name      string
		connected bool
		block     time.Duration
	}{
		{"reading", true, 300 * time.Millisecond},
		{"connecting", false, 300 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := redistest.Start(t)
			o := options(server.Addr)
			o.Block, o.Timeout, o.ConnectTimeout = test.block, time.Minute, 3*time.Second
			client := open(t, o)
			sub := client.Subscriber()
			if test.connected {
				receiveNothing(t, sub)
			}
			ctx, cancel := context.WithCancel(t.Context())
			returned := make(chan error)
			go func() {
				for ctx.Err() == nil {
					_, _ = sub.Receive(ctx, 10, time.Second)
				}
				returned <- nil
			}()
			if test.connected {
				openProbe(t, o).awaitBlocked()
			}
			server.Pause(t)
			time.Sleep(50 * time.Millisecond) // for whatever it is doing then
			ended := time.Now()
			cancel()
			<-returned
			if took := time.Since(ended); took > test.block+750*time.Millisecond {
				t.Errorf("Receive returned %v after its context ended; want %v", took, test.block+250*time.Millisecond)
			}
			server.Resume(t)
		})
	}
}

// receiveEventually returns the next batch, whatever errors come before it.
func receiveEventually(t testing.TB, sub *redisio.Subscriber) (b den.Batch) {
	t.Helper()
	eventually(t, "something is received", func() bool {
		b, _ = sub.Receive(t.Context(), 10, time.Second)
		return b != nil
	})
	return b
}

// What is given back while a newer batch is decoded comes before that one.
func TestGivenBackDuringDecoding(t *testing.T) {
	var got string
	for range 10 { // it may be given back too late
		if got = giveBackDuringDecoding(t); strings.HasPrefix(got+" ", "1 ") {
			return
		}
	}
	t.Errorf("received %s first; want 1, which was given back", got)
}

// giveBackDuringDecoding returns what was received first after 1 was given back, while 2 and
// more were decoded.
func giveBackDuringDecoding(t *testing.T) string {
	o := startRedis(t)
	oneInput(&o)
	server, client := openProbe(t, o), open(t, o)
	sub := client.Subscriber()
	server.send("collisions", arrays(1, 1)...)
	older := receiveBatch(t, sub, 1)

	// Messages that take long to decode: the escape keeps them from the short way.
	const newer = 8
	filler := `{"escaped":"\u0041","filler":[` + strings.Repeat("1,", 400_000) + `1],`
	var messages []string
	for _, m := range arrays(2, newer) {
		messages = append(messages, filler+string(m[1:]))
	}
	received := make(chan den.Batch, 1)
	go func() {
		b, err := sub.Receive(t.Context(), newer, time.Minute)
		if err != nil {
			t.Error(err)
		}
		received <- b
	}()
	server.awaitBlocked()
	asked := server.calls("xpending")
	server.do(append([]string{"EVAL", `for _, m in ipairs(ARGV) do redis.call('XADD', KEYS[1], '*', 'message', m) end`, "1", "collisions"}, messages...)...)
	// The last command before decoding looks for what the read has passed over.
	eventually(t, "the newer ones are received", func() bool { return server.calls("xpending") > asked })
	older.Release()
	b := <-received
	if b == nil {
		t.Fatal("nothing is received")
	}
	return references(b)
}
