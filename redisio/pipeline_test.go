package redisio_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/step-its/producer/redisio"
)

// A batch of many calls is published in order and once, whichever of them is lost, or its
// reply. What was sent behind it has not overtaken it.
func TestManyCallsInOrder(t *testing.T) {
	const n = 1200 // nine calls
	for name, what := range map[string]fate{"reply": {loseReply: true}, "call": {loseCall: true}} {
		for position := range 5 {
			t.Run(fmt.Sprintf("%s/%d", name, position+1), func(t *testing.T) {
				o := startRedis(t)
				oneInput(&o)
				faults := new(faults)
				faults.attach(&o)
				server, client := openProbe(t, o), open(t, o)
				b := batchInHand(t, server, client, n)
				fates := make([]fate, position, position+1)
				faults.onCommits(append(fates, what)...)
				failures := 0
				for client.Publisher().Commit(t.Context(), b, answers(b, 1)) != nil {
					failures++
					published := server.published("denms")
					want(t, "DENMs so far", numbers(published), upTo(1, len(published)))
				}
				if failures == 0 {
					t.Error("no commit failed although a connection was lost")
				}
				want(t, "DENMs", numbers(server.published("denms")), upTo(1, n))
				want(t, "pending", server.pending("collisions"), 0)
				want(t, "Published", client.Stats().Published <= n, true)
			})
		}
	}
}

// The server refuses a call that comes before the one ahead of it, and writes nothing.
func TestCallThatWouldOvertake(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, client := openProbe(t, o), open(t, o)
		b := batchInHand(t, server, client, 2)
		publisher, outputs := client.Publisher(), answers(b, 1)
		commit := func(i int, ahead, token string) bool {
			early, err := publisher.CommitBehind(t.Context(), b, i, outputs[i:i+1], ahead, token)
			must(t, err)
			return early
		}
		want(t, "refused without the one ahead", commit(1, "first", "second"), true)
		server.do("XACK", "collisions", o.Inputs[0].Group, server.entries("collisions")[0].ID)
		want(t, "refused with nothing pending ahead", commit(1, "first", "second"), true)
		want(t, "pending", server.pending("collisions"), 1)
		want(t, "DENMs", numbers(server.published("denms")), "")

		want(t, "refused at the head", commit(0, "", "first"), false)
		want(t, "refused behind it", commit(1, "first", "second"), false)
		want(t, "pending", server.pending("collisions"), 0)
		want(t, "DENMs", numbers(server.published("denms")), "2")
	})
}

// Entries that somebody else has in hand may lie between those of a call.
func TestCallsAroundEntriesOfOthers(t *testing.T) {
	const n = 600 // five calls
	o := startRedis(t)
	oneInput(&o)
	server, client := openProbe(t, o), open(t, o)
	must(t, client.Setup(t.Context()))
	server.send("collisions", arrays(1, n+1)...)
	read := func(name string, count int) {
		server.do("XREADGROUP", "GROUP", o.Inputs[0].Group, name, "COUNT", strconv.Itoa(count), "STREAMS", "collisions", ">")
	}
	read(o.Name, 5)
	read("another", 1)
	read(o.Name, n-5)
	b := receiveBatch(t, client.Subscriber(), n)
	want(t, "inputs", len(b.Inputs()), n)
	must(t, client.Publisher().Commit(t.Context(), b, answers(b, 1)))
	want(t, "DENMs", numbers(server.published("denms")), upTo(1, n))
	want(t, "pending", server.pending("collisions"), 1)
	stats := client.Stats()
	want(t, "CommitErrors", stats.CommitErrors, 0)
	want(t, "Published", stats.Published, n)
	if stats.Commits < 4 {
		t.Errorf("%d calls; want several", stats.Commits)
	}
}

// Calls that the server takes for early ones, because it has forgotten those ahead of them,
// are sent again.
func TestEarlyCallsAreSentAgain(t *testing.T) {
	const n = 1200
	o := startRedis(t)
	oneInput(&o)
	server, client := openProbe(t, o), open(t, o)
	b := batchInHand(t, server, client, n)
	done := make(chan struct{})
	var forgetting sync.WaitGroup
	forgetting.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				server.do("HDEL", "collisions:producer:ledger", "done")
			}
		}
	})
	err := client.Publisher().Commit(t.Context(), b, answers(b, 1))
	close(done)
	forgetting.Wait()
	must(t, err)
	want(t, "DENMs", numbers(server.published("denms")), upTo(1, n))
	want(t, "pending", server.pending("collisions"), 0)
	want(t, "CommitErrors", client.Stats().CommitErrors, 0)
	if stats := server.text("INFO", "errorstats"); !strings.Contains(stats, "errorstat_EARLY:") {
		t.Errorf("no call was refused as early: %s", stats)
	}
}

// Calls for the entries of two streams are in order.
func TestManyCallsOfTwoStreams(t *testing.T) {
	const each = 400
	o := startRedis(t)
	server, client := openProbe(t, o), open(t, o)
	must(t, client.Setup(t.Context()))
	for _, in := range o.Inputs {
		server.send(in.Stream, arrays(1, each)...)
	}
	b := receiveBatch(t, client.Subscriber(), each*len(o.Inputs))
	want(t, "inputs", len(b.Inputs()), each*len(o.Inputs))
	must(t, client.Publisher().Commit(t.Context(), b, answers(b, 1)))
	want(t, "DENMs", numbers(server.published("denms")), upTo(1, each*len(o.Inputs)))
	for _, in := range o.Inputs {
		want(t, "pending", server.pending(in.Stream), 0)
	}
	want(t, "CommitErrors", client.Stats().CommitErrors, 0)
}
