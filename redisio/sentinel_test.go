package redisio_test

import (
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// replicated is a master, a replica, and a sentinel that watches them.
type replicated struct {
	master, replica, sentinel *redistest.Server
	options                   redisio.Options
}

func startReplicated(t *testing.T) replicated {
	t.Helper()
	master := redistest.Start(t)
	replica := redistest.StartReplica(t, master)
	sentinel := redistest.StartSentinel(t, "main", master, 1)
	o := options("")
	o.Sentinel = redisio.Sentinel{Addresses: []string{sentinel.Addr}, MasterSet: "main"}
	return replicated{master, replica, sentinel, o}
}

// When the master is gone, the service goes on at the new one.
func TestFailover(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(t *testing.T, servers replicated){
		"killed": func(_ *testing.T, servers replicated) { servers.master.Kill() },
		"hung": func(t *testing.T, servers replicated) {
			servers.master.Pause(t)
			t.Cleanup(func() { servers.master.Resume(t) }) // for its other clients to end
		},
	} {
		t.Run(name, func(t *testing.T) {
			x, servers := newTraffic(), startReplicated(t)
			after, s := failover(t, x, servers, fail)
			settledAfterFailover(t, x, after, s)
		})
	}
}

// An operator may have another server made the master while the first one works.
// What it has answered in between, it forgets; so the inputs come again, and those
// that are older than what the service knows are not answered a second time.
func TestFailoverByOperator(t *testing.T) {
	t.Parallel()
	x, servers := newTraffic(), startReplicated(t)
	after, s := failover(t, x, servers, func(t *testing.T, servers replicated) {
		_, err := servers.sentinel.Command("SENTINEL FAILOVER main")
		must(t, err)
	})
	settledAfterFailover(t, x, after, s)
}

// settledAfterFailover waits until all is answered, but what the old master had
// answered and not told the new one: that comes again, and is older than what the
// service knows. Nothing is answered twice, and the last state of each pair is known.
func settledAfterFailover(t *testing.T, x traffic, after probe, s service) {
	t.Helper()
	eventually(t, "all is acknowledged", func() bool {
		answered := after.number("XLEN", "denms")
		return after.pending("collisions") == 0 && answered+int(s.Stats().Stale) >= denmsOfTraffic
	})
	_ = s.stop()
	seen := x.answers(t, after)
	for answer, n := range seen {
		if n > 1 {
			t.Errorf("array %d was answered %d times for target %d", answer.array, n, answer.target)
		}
	}
	for i := arraysOfTraffic - pairsFrom; i < arraysOfTraffic; i++ {
		for target := range den.StationID(targetsOfTraffic) {
			if seen[answer{i, 1000 + target}] != 1 {
				t.Errorf("the last state of the pair is unknown: array %d, target %d", i, target)
			}
		}
	}
	t.Logf("%d of %d answered, %d stale", len(seen), denmsOfTraffic, s.Stats().Stale)
}

// failover has the service work on one half of the traffic, and the master fail
// meanwhile; the other half comes to the new master. It returns when DENMs do, too.
func failover(t *testing.T, x traffic, servers replicated, fail func(*testing.T, replicated)) (probe, service) {
	t.Helper()
	before, after := openProbe(t, options(servers.master.Addr)), openProbe(t, options(servers.replica.Addr))
	half := len(x.messages) / 2
	before.send("collisions", x.messages[:half]...)
	eventually(t, "the replica has all inputs", func() bool { return after.number("XLEN", "collisions") == half })
	s := run(t, open(t, servers.options), func(c *den.Config) { c.BatchSize = 32 })
	awaitDENMs(t, before, denmsOfTraffic/3)
	fail(t, servers)
	failed := time.Now()
	eventually(t, "the replica is the master", func() bool {
		_, err := after.try("SET", "k", "v")
		return err == nil
	})
	promoted := time.Since(failed)
	after.send("collisions", x.messages[half:]...)
	had := after.number("XLEN", "denms")
	eventually(t, "the service writes to the new master", func() bool {
		return after.number("XLEN", "denms") > had
	})
	t.Logf("new master after %v, DENMs again after %v", promoted, time.Since(failed))
	return after, s
}
