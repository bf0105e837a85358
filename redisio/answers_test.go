package redisio_test

import (
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// A replica without its master answers neither reads nor scripts.
func TestReplicaThatLostItsMaster(t *testing.T) {
	server := redistest.Start(t, "--replica-serve-stale-data", "no")
	o := options(server.Addr)
	probe, client := openProbe(t, o), open(t, o)
	must(t, client.Publisher().Publish(t.Context(), warnings(1, 1)))
	operator("REPLICAOF 127.0.0.1 1")(t, server)
	wantTransient(t, client.Publisher().Publish(t.Context(), warnings(2, 1)),
		"the server is a replica that has lost its master: MASTERDOWN")
	operator("REPLICAOF NO ONE")(t, server)
	must(t, client.Publisher().Publish(t.Context(), warnings(2, 1)))
	want(t, "DENMs", numbers(probe.published("denms")), "1 2")
}

// A server that has reached its maxmemory takes nothing more: no DENM that no
// input caused. Where an input caused them they are taken, since such a commit begins
// with an acknowledgement, which frees memory; and so are the groups that are needed.
func TestOutOfMemory(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	probe, client := openProbe(t, o), open(t, o)
	probe.send("collisions", arrays(1, 1)...)
	batch := receiveBatch(t, client.Subscriber(), 1)
	operator("CONFIG SET maxmemory 1")(t, server)
	const meaning = "the server has reached its maxmemory: OOM"
	wantTransient(t, client.Publisher().Publish(t.Context(), warnings(7, 2)), meaning)
	want(t, "DENMs", probe.number("XLEN", "denms"), 0)
	must(t, client.Publisher().Commit(t.Context(), batch, answers(batch, 1)))
	want(t, "pending", probe.pending("collisions"), 0)
	want(t, "DENMs", numbers(probe.published("denms")), "1")
	other := o
	other.Inputs = []redisio.InputStream{{Stream: "negations", Group: "other"}}
	other.Outputs = []redisio.OutputStream{{Stream: "denms", Group: "another"}}
	must(t, open(t, other).Setup(t.Context()))
	operator("CONFIG SET maxmemory 0")(t, server)
	must(t, client.Publisher().Publish(t.Context(), warnings(7, 2)))
	want(t, "DENMs", numbers(probe.published("denms")), "1 7 8")
}

// Nor does a full server keep the owner from working, or another from taking over: what
// inputs caused goes out.
func TestWorkOutOfMemory(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	oneInput(&o)
	o.LeaseTime = 300 * time.Millisecond
	probe, first := openProbe(t, o), open(t, o)
	must(t, first.Setup(t.Context()))
	s := run(t, first)
	eventually(t, "it works", func() bool { return first.Stats().Epoch == 1 })
	send := func(n int) { // where XADD is refused
		operator("CONFIG SET maxmemory 0")(t, server)
		probe.send("collisions", arrays(den.StationID(n), 1)...)
		operator("CONFIG SET maxmemory 1")(t, server)
	}
	operator("CONFIG SET maxmemory 1")(t, server)
	time.Sleep(2 * o.LeaseTime)
	send(1)
	awaitDENMs(t, probe, 1)
	_ = s.stop()
	second := open(t, o)
	s = run(t, second)
	eventually(t, "the second works", func() bool { return second.Stats().Epoch == 2 })
	time.Sleep(2 * lookAgain)
	send(2)
	awaitDENMs(t, probe, 2)
	_ = s.stop()
	want(t, "failed reads", second.Stats().ReadErrors+first.Stats().ReadErrors, 0)
}

// lookAgain is how often a Subscriber looks around.
const lookAgain = time.Second
