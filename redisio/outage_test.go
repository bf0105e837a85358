package redisio_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// traffic is collision arrays of which no two have the same detection time, so
// that each DENM tells the array it was made from.
type traffic struct {
	messages [][]byte
	first    den.Timestamp
}

const (
	arraysOfTraffic  = 3000
	targetsOfTraffic = 2
	denmsOfTraffic   = arraysOfTraffic * targetsOfTraffic
	pairsFrom        = 25
	pairsOfTraffic   = pairsFrom * targetsOfTraffic
)

// newTraffic makes arrays of 50 pairs of cars that come again and again.
func newTraffic() traffic {
	x := traffic{first: dentest.Now() - arraysOfTraffic}
	for i := range arraysOfTraffic {
		c := dentest.Collisions(x.first+den.Timestamp(i), den.StationID(i%pairsFrom), 1000, 1001)
		x.messages = append(x.messages, dentest.Event(c, nil))
	}
	return x
}

// answer is what a DENM answers: the number of an array, and a target in it.
type answer struct {
	array  int
	target den.StationID
}

// answers counts the DENMs for each array and target, and fails unless the
// reference times of each action id grow.
func (x traffic) answers(t *testing.T, server probe) map[answer]int {
	t.Helper()
	seen := make(map[answer]int)
	last := make(map[den.ActionID]den.Timestamp)
	for _, d := range server.published("denms") {
		key, _ := d.Key()
		seen[answer{int(d.Management.DetectionTime - x.first), key.TargetStation}]++
		id, at := d.Management.ActionID, d.Management.ReferenceTime
		if at <= last[id] {
			t.Errorf("a DENM of %v is of %v, and the one before it of %v", id, at, last[id])
		}
		last[id] = at
	}
	want(t, "action ids", len(last), pairsOfTraffic)
	return seen
}

// wantAnswered fails unless every array was answered by exactly its DENMs, and
// the reference times of each action id grow.
func (x traffic) wantAnswered(t *testing.T, server probe) {
	t.Helper()
	seen := x.answers(t, server)
	for i := range arraysOfTraffic {
		for target := range den.StationID(targetsOfTraffic) {
			if n := seen[answer{i, 1000 + target}]; n != 1 {
				t.Errorf("array %d was answered %d times for target %d", i, n, target)
			}
		}
	}
	want(t, "DENMs", server.number("XLEN", "denms"), denmsOfTraffic)
	want(t, "pending", server.pending("collisions"), 0)
	want(t, "dead letters", server.number("XLEN", "dead"), 0)
}

// awaitDENMs waits until there are n DENMs. The server may be away.
func awaitDENMs(t *testing.T, server probe, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("there are %d DENMs", n), func() bool { return server.number("XLEN", "denms") >= n })
}

// settled waits until the service has nothing in hand.
func settled(t *testing.T, server probe) {
	t.Helper()
	awaitDENMs(t, server, denmsOfTraffic)
	eventually(t, "all is acknowledged", func() bool { return server.pending("collisions") == 0 })
}

// All connections are killed all the time.
func TestConnectionsKilled(t *testing.T) {
	o := startRedis(t)
	server, sender, client := openProbe(t, o), openProbe(t, o), open(t, o)
	x := newTraffic()
	s := run(t, client, func(c *den.Config) { c.BatchSize, c.RetryInterval = 32, 5*time.Millisecond })
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		sender.sendOnceEach("collisions", x.messages)
	}()
	kills := 0
	eventually(t, "there are DENMs for all arrays", func() bool {
		time.Sleep(3 * time.Millisecond) // between two kills
		kills += server.number("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		return server.number("XLEN", "denms") >= denmsOfTraffic
	})
	<-sent
	settled(t, server)
	_ = s.stop()
	x.wantAnswered(t, server)
	stats := client.Stats()
	if kills < 10 || stats.CommitErrors+stats.ReadErrors < 5 {
		t.Errorf("%d connections were killed, and this is what was noticed: %+v", kills, stats)
	}
	t.Logf("%d connections were killed: %+v", kills, stats)
}

// The server crashes and comes back with its data, twice. What it has acknowledged it
// must have kept: else it forgets that inputs were delivered, and those that come again
// are older than what was made of the others.
func TestServerCrashes(t *testing.T) {
	server := redistest.Start(t, "--appendfsync", "always")
	o := options(server.Addr)
	probe, client := openProbe(t, o), open(t, o)
	x := newTraffic()
	probe.send("collisions", x.messages...)
	s := run(t, client, func(c *den.Config) { c.BatchSize = 32 })
	for _, part := range []int{denmsOfTraffic / 4, denmsOfTraffic / 2} {
		awaitDENMs(t, probe, part)
		server.Restart(t)
	}
	settled(t, probe)
	_ = s.stop()
	x.wantAnswered(t, probe)
	if n := s.Stats().PublishErrors + s.Stats().ReceiveErrors; n == 0 {
		t.Error("nobody noticed the crashes")
	}
}

// The service may be started before the server.
func TestStartWithoutServer(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	server.Kill()
	log := new(syncBuffer)
	client := open(t, o)
	s := run(t, client, func(c *den.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	eventually(t, "Run has tried", func() bool { return strings.Contains(log.String(), "trying again") })
	server.Restart(t)
	probe := openProbe(t, o)
	probe.send("collisions", arrays(1, 3)...)
	awaitDENMs(t, probe, 3)
	want(t, "interrupt", fmt.Sprint(s.stop()), "den: run interrupted: context canceled")
	want(t, "pending", probe.pending("collisions"), 0)
}

// A service that is stopped finishes what it has in hand, and the next one goes
// on where it ended.
func TestServiceRestarts(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server := openProbe(t, o)
		server.send("collisions", newTraffic().messages...)
		for done := 0; done < denmsOfTraffic; {
			s := run(t, open(t, o))
			awaitDENMs(t, server, min(done+1500, denmsOfTraffic))
			_ = s.stop()
			want(t, "pending", server.pending("collisions"), 0)
			done = server.number("XLEN", "denms")
		}
		want(t, "DENMs", server.number("XLEN", "denms"), denmsOfTraffic)
	})
}
