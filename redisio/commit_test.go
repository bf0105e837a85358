package redisio_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// batchInHand sends n arrays and receives them in one batch.
func batchInHand(t *testing.T, server probe, client *redisio.Client, n int) den.Batch {
	t.Helper()
	server.send("collisions", arrays(1, n)...)
	b := receiveBatch(t, client.Subscriber(), n)
	want(t, "inputs", len(b.Inputs()), n)
	return b
}

// A commit writes the outputs to all streams, in order, and acknowledges the
// inputs, in one call.
func TestCommit(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.Outputs = append(o.Outputs, redisio.OutputStream{Stream: "copy", Field: "event"})
		server, client := openProbe(t, o), open(t, o)
		b := batchInHand(t, server, client, 3)
		outputs := alone(warnings(1, 4)...)
		for i, input := range []int{0, 0, 0, 2} { // the second input has none
			outputs[i].Input = input
		}
		must(t, client.Publisher().Commit(t.Context(), b, outputs))
		want(t, "DENMs", numbers(server.published("denms")), "1 2 3 4")
		want(t, "pending", server.pending("collisions"), 0)
		want(t, "Commits", client.Stats().Commits, 1)
		want(t, "Published", client.Stats().Published, 4)
		for i, e := range server.entries("copy") {
			want(t, "fields", len(e.FieldValues), 1)
			want(t, "copy", e.FieldValues["event"], server.entries("denms")[i].FieldValues["message"])
		}
	})
}

// A commit that fails is repeated, and has then happened once, whether the
// server had done it or not.
func TestCommitRepeated(t *testing.T) {
	for name, what := range map[string]fate{"reply": {loseReply: true}, "call": {loseCall: true}} {
		t.Run(name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				oneInput(&o)
				faults := new(faults)
				faults.attach(&o)
				server, client := openProbe(t, o), open(t, o)
				b := batchInHand(t, server, client, 3)
				publisher := client.Publisher()

				faults.onCommits(what, what)
				for range 2 {
					if publisher.Commit(t.Context(), b, answers(b, 1)) == nil {
						t.Error("a commit succeeded although the connection was lost")
					}
				}
				must(t, publisher.Commit(t.Context(), b, answers(b, 1)))
				must(t, publisher.Commit(t.Context(), b, answers(b, 1)))

				want(t, "DENMs", numbers(server.published("denms")), "1 2 3")
				want(t, "pending", server.pending("collisions"), 0)
				want(t, "CommitErrors", client.Stats().CommitErrors, 2)
			})
		})
	}
}

// Outputs without inputs are known one by one: a repetition need not be of the
// same set, and others may come between.
func TestCommitWithoutInputsRepeated(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		faults := new(faults)
		faults.attach(&o)
		server, client := openProbe(t, o), open(t, o)
		publisher := client.Publisher()
		w := warnings(0, 10)

		faults.onCommits(fate{loseReply: true})
		if publisher.Publish(t.Context(), w[1:5]) == nil {
			t.Error("a commit succeeded although the connection was lost")
		}
		must(t, publisher.Publish(t.Context(), w[7:8]))                  // another one
		must(t, publisher.Publish(t.Context(), []*den.DENM{w[1], w[4]})) // some were overtaken
		must(t, publisher.Publish(t.Context(), []*den.DENM{w[3]}))       // one alone
		must(t, publisher.Publish(t.Context(), []*den.DENM{w[2], w[8]})) // and one with a new one
		must(t, publisher.Commit(t.Context(), nil, alone(w[9], w[9])))   // one given twice
		must(t, open(t, o).Publisher().Publish(t.Context(), w[1:10:10])) // by another process
		want(t, "DENMs", numbers(server.published("denms")), "1 2 3 4 7 8 9 5 6")

		update := *w[1]
		update.Management.ReferenceTime++
		must(t, publisher.Publish(t.Context(), []*den.DENM{&update}))
		want(t, "DENMs", server.number("XLEN", "denms"), 10)
	})
}

// The server does not remember outputs without inputs for ever.
func TestCommitWithoutInputsForgets(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		var w []*den.DENM
		for i := range 21 {
			w = warnings(uint16(500*i), 500)
			must(t, client.Publisher().Publish(t.Context(), w))
		}
		want(t, "tokens", server.number("ZCARD", "denms:commits"), 10000)
		must(t, client.Publisher().Publish(t.Context(), w))
		want(t, "DENMs", server.number("XLEN", "denms"), 10500)
	})
}

// A large batch takes several calls. When one of them fails, the repetition does
// the rest.
func TestCommitLargeBatch(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		faults := new(faults)
		faults.attach(&o)
		server, client := openProbe(t, o), open(t, o)
		b := batchInHand(t, server, client, 400)
		var outputs []den.Output
		for i, d := range warnings(1, 1200) {
			outputs = append(outputs, den.Output{DENM: d, Input: i / 3})
		}
		for _, lost := range []fate{{loseReply: true}, {loseCall: true}} {
			faults.onCommits(fate{}, fate{}, lost)
			if client.Publisher().Commit(t.Context(), b, outputs) == nil {
				t.Error("a commit succeeded although the connection was lost")
			}
			// The calls ahead of the lost one may be lost with the connection, too.
			if n := server.pending("collisions"); n == 0 {
				t.Error("no inputs are pending although a call was lost")
			}
		}
		must(t, client.Publisher().Commit(t.Context(), b, outputs))
		want(t, "DENMs", numbers(server.published("denms")), upTo(1, 1200))
		want(t, "pending", server.pending("collisions"), 0)
		want(t, "CommitErrors", client.Stats().CommitErrors, 2)
	})
}

func TestCommitManyWithoutInputs(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		faults := new(faults)
		faults.attach(&o)
		server, client := openProbe(t, o), open(t, o)
		faults.onCommits(fate{}, fate{loseReply: true})
		w := warnings(1, 1000)
		if client.Publisher().Publish(t.Context(), w) == nil {
			t.Error("a commit succeeded although the connection was lost")
		}
		if n := server.number("XLEN", "denms"); n == 0 || n == 1000 {
			t.Errorf("%d DENMs are published; want some", n)
		}
		must(t, client.Publisher().Publish(t.Context(), w))
		want(t, "DENMs", numbers(server.published("denms")), upTo(1, 1000))
	})
}

// Where something that is to be written has the wrong type, nothing is written
// at all, and nothing is acknowledged.
func TestCommitWrongType(t *testing.T) {
	for _, wrong := range []string{"copy", "dead", "denms:commits", "collisions:producer:ledger"} {
		t.Run(wrong, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				oneInput(&o)
				o.Outputs = append(o.Outputs, redisio.OutputStream{Stream: "copy"})
				server, client := openProbe(t, o), open(t, o)
				b := batchInHand(t, server, client, 2)
				server.do("SET", wrong, "a string")
				wantRefused := func(what string, err error) {
					t.Helper()
					if !errors.Is(err, den.ErrPermanent) {
						t.Errorf("%s returned %v; want ErrPermanent", what, err)
					}
				}
				wantRefused("Commit", client.Publisher().Commit(t.Context(), b, answers(b, 1)))
				wantRefused("Publish", client.Publisher().Publish(t.Context(), warnings(1, 2)))
				want(t, "DENMs", numbers(server.published("denms")), "")
				want(t, "pending", server.pending("collisions"), 2)

				server.do("DEL", wrong)
				must(t, client.Publisher().Commit(t.Context(), b, answers(b, 1)))
				want(t, "DENMs", numbers(server.published("denms")), "1 2")
			})
		})
	}
}

// Only the outputs of inputs that are still pending are written, also where
// pending entries of other consumers lie between them.
func TestCommitPartlyAcknowledged(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, client := openProbe(t, o), open(t, o)
		server.send("collisions", arrays(1, 6)...)
		sub := client.Subscriber()
		receiveBatch(t, sub, 2)
		server.do("XREADGROUP", "GROUP", "producer", "other", "COUNT", "2", "STREAMS", "collisions", ">")
		receiveBatch(t, sub, 2)

		next := open(t, o)
		b := receiveBatch(t, next.Subscriber(), 10)
		want(t, "inputs", references(b), "1 2 5 6")
		server.do("XACK", "collisions", "producer", server.entries("collisions")[1].ID)
		outputs := answers(b, 1)
		for range 2 {
			must(t, next.Publisher().Commit(t.Context(), b, outputs))
		}
		want(t, "DENMs", numbers(server.published("denms")), "1 3 4")
		want(t, "pending of the other consumer", server.pending("collisions"), 2)
		want(t, "Repeated", next.Stats().Repeated, 5)
		want(t, "Published", next.Stats().Published, 3)
	})
}

// What breaks the contract of Commit is refused before anything is done.
func TestCommitRefused(t *testing.T) {
	o := startMiniredis(t)
	oneInput(&o)
	server, client := openProbe(t, o), open(t, o)
	b := batchInHand(t, server, client, 2)
	w := warnings(1, 2)
	for name, commit := range map[string]func() error{
		"disordered": func() error {
			return client.Publisher().Commit(t.Context(), b, []den.Output{{DENM: w[0], Input: 1}, {DENM: w[1]}})
		},
		"beyond": func() error {
			return client.Publisher().Commit(t.Context(), b, []den.Output{{DENM: w[0], Input: 2}})
		},
		"negative": func() error {
			return client.Publisher().Commit(t.Context(), b, []den.Output{{DENM: w[0], Input: -1}})
		},
		"no_denm": func() error {
			return client.Publisher().Commit(t.Context(), b, []den.Output{{Input: 1}})
		},
		"no_denm_alone": func() error {
			return client.Publisher().Publish(t.Context(), []*den.DENM{w[0], nil})
		},
		"no_work": func() error {
			return client.Publisher().Own(t.Context(), nil)
		},
		"foreign": func() error {
			return open(t, o).Publisher().Commit(t.Context(), b, nil)
		},
	} {
		if err := commit(); !errors.Is(err, den.ErrPermanent) {
			t.Errorf("%s: Commit returned %v; want ErrPermanent", name, err)
		}
	}
	want(t, "DENMs", numbers(server.published("denms")), "")
	want(t, "pending", server.pending("collisions"), 2)
}

// Calls from several goroutines do not get into each other's way.
func TestCommitConcurrently(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		errs := make(chan error)
		for i := range 8 {
			go func() {
				for j := range 20 {
					if err := client.Publisher().Publish(t.Context(), warnings(uint16(100*i+j), 1)); err != nil {
						errs <- err
						return
					}
				}
				errs <- nil
			}()
		}
		for range 8 {
			must(t, <-errs)
		}
		seen := make(map[string]bool)
		for _, d := range server.published("denms") {
			seen[fmt.Sprint(d.Management.ActionID)] = true
		}
		want(t, "DENMs", len(seen), 160)
	})
}

// Inputs that are in no order, because the group was set back under them, are settled
// like others.
func TestCommitInNoOrder(t *testing.T) {
	o := startRedis(t)
	oneInput(&o)
	client, server := open(t, o), openProbe(t, o)
	sub := client.Subscriber()
	server.send("collisions", arrays(1, 9)...)
	ackAll(t, receive(t, sub, 9)...)
	fifth := server.entries("collisions")[4].ID
	server.send("collisions", arrays(10, 1)...)
	receiveBatch(t, sub, 1).Release()
	server.do("XGROUP", "SETID", "collisions", "producer", fifth)

	b := receiveBatch(t, sub, 10)
	want(t, "inputs", references(b), "10 6 7 8 9")
	must(t, client.Publisher().Commit(t.Context(), b, answers(b, 1)))
	want(t, "DENMs", numbers(server.published("denms")), "1 2 3 4 5")
	for range 3 {
		if b, err := sub.Receive(t.Context(), 10, time.Second); err == nil && b != nil {
			ackAll(t, b)
		}
	}
	want(t, "pending", server.pending("collisions"), 0)
}
