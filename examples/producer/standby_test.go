//go:build unix

package main

import (
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio/redistest"
)

// pairOfProducers is a producer that works and one that stands by, with one
// configuration, and a sender that sends an array about three pairs all the time.
type pairOfProducers struct {
	t             *testing.T
	client        rueidis.Client // the test's own
	cfg           config.Config
	proxy         *redistest.Proxy // between the first and the server
	first, second *process
	stall         func() time.Duration

	quiet   atomic.Bool // stops the sender
	sending sync.WaitGroup
}

func startPair(t *testing.T, lease config.Timeout) *pairOfProducers {
	server := redistest.Start(t)
	dir := t.TempDir()
	p := &pairOfProducers{t: t, stall: watchStalls(t)}
	p.client = harnessClient(t, server.Addr)
	var path string
	p.cfg, path = writeConfig(t, dir, func(cfg *config.Config) {
		cfg.LeaseTime = lease
		// Long enough for the events to outlast every takeover.
		cfg.DENMLastUpdateMaxDelay, cfg.DENMCheckLastUpdateMaxInterval = 10_000, 10_000
		cfg.Redis.Streams.Outputs[0].MaxLength = 0
	})
	p.proxy = redistest.StartProxy(t, server.Addr)
	p.first = start(t, dir, "first", "-config", path, "-redis", p.proxy.Addr)
	p.sending.Go(p.send)
	t.Cleanup(p.silence)
	eventually(t, "the first producer publishes", func() bool { return len(p.outputs()) > 0 })
	p.second = start(t, dir, "second", "-config", path, "-redis", server.Addr)
	p.second.awaitLogged(t, "standing by")
	return p
}

// send sends arrays until it is told to be quiet.
func (p *pairOfProducers) send() {
	for !p.quiet.Load() {
		sendArray(p.t, p.client, p.cfg, dentest.Collisions(dentest.Now(), 1, 2, 3, 4))
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *pairOfProducers) silence() {
	p.quiet.Store(true)
	p.sending.Wait()
}

func (p *pairOfProducers) outputs() []denmEntry { return readOutputs(p.t, p.client, p.cfg) }

// awaitTakeover waits for the first output that the second producer wrote, and
// returns when that was.
func (p *pairOfProducers) awaitTakeover() den.Timestamp {
	p.t.Helper()
	owner := p.second.awaitLogged(p.t, "owner of the streams")
	since := owner.time(p.t)
	var first den.Timestamp
	eventually(p.t, "the second producer publishes", func() bool {
		for _, o := range p.outputs() {
			if o.id.ms >= since {
				first = o.id.ms
				return true
			}
		}
		return false
	})
	return first
}

// wantTakeover checks and prints how long the takeover took.
func (p *pairOfProducers) wantTakeover(from den.Timestamp, most time.Duration) {
	p.t.Helper()
	took := p.awaitTakeover().Sub(from)
	p.t.Logf("from the fault to the first commit of the second producer: %v", took)
	if slack := time.Second + 3*p.stall(); took > most+slack {
		p.t.Errorf("that is more than %v and %v for the machine", most, slack)
	}
}

// wantNothingMore checks that the first producer, which has ended in order, wrote
// nothing after a time.
func (p *pairOfProducers) wantNothingMore(after den.Timestamp) {
	p.t.Helper()
	stopped := p.first.awaitLogged(p.t, "stopped")
	stats, _ := stopped.fields["redis"].(map[string]any)
	published, ok := stats["Published"].(float64)
	before := 0
	for _, o := range p.outputs() {
		if o.id.ms <= after {
			before++
		}
	}
	// The answer to its last commit may have been lost to it.
	if n := int(published); !ok || n > before || n < before-3*128 {
		p.t.Errorf("the first producer wrote %v DENMs, and until it was disturbed there were %d", published, before)
	}
}

// wantOneLife ends everything and checks that each pair had one event from begin to
// end, in which nothing is missing.
func (p *pairOfProducers) wantOneLife() {
	p.t.Helper()
	p.silence()
	eventually(p.t, "all inputs are settled", func() bool { return settled(p.t, p.client, p.cfg.Redis.Streams.Inputs[0]) })
	for _, process := range []*process{p.first, p.second} {
		if err := process.failure(); err != nil {
			p.t.Error(err)
		}
	}
	h := readHistory(p.t, p.client, p.cfg)
	h.readLog(p.t, p.first)
	h.readLog(p.t, p.second)
	a := h.check()
	p.t.Logf("what happened:\n%s", a)
	for _, finding := range a.findings {
		p.t.Error(finding)
	}
	if n := len(a.events); n != 3 {
		p.t.Errorf("there were %d events, want 3", n)
	}
	if a.counts["DENMs: cancelled"] > 0 || a.counts["pairs: answered"] != a.counts["pairs of arrays"] {
		p.t.Error("there are cancellations, or arrays without an answer")
	}
}

// TestStandbyAfterKill: the second producer takes over within the lease time from
// one that is gone.
func TestStandbyAfterKill(t *testing.T) {
	p := startPair(t, 1)
	at := dentest.Now()
	p.first.signal(syscall.SIGKILL)
	p.wantTakeover(at, time.Second)
	p.wantOneLife()
}

// TestStandbyAfterStop: a producer that was stopped, and wakes up when another one
// has taken over, writes nothing and stands by.
func TestStandbyAfterStop(t *testing.T) {
	p := startPair(t, 1)
	at := dentest.Now()
	p.first.signal(syscall.SIGSTOP)
	p.wantTakeover(at, time.Second)
	p.first.signal(syscall.SIGCONT)
	p.first.awaitLogged(t, "another owner has taken over; standing by")
	p.first.awaitLogged(t, "standing by")
	p.first.stop(t)
	p.wantNothingMore(at + 100)
	p.wantOneLife()
}

// TestStandbyAfterLossOfConnection: what a producer sent before it was cut off, and
// what arrives only when another one has taken over, is not written either.
func TestStandbyAfterLossOfConnection(t *testing.T) {
	p := startPair(t, 1)
	at := dentest.Now()
	p.proxy.Stall()
	p.wantTakeover(at, time.Second)
	p.proxy.Resume()
	p.first.awaitLogged(t, "another owner has taken over; standing by")
	p.first.awaitLogged(t, "standing by")
	p.first.stop(t)
	p.wantNothingMore(at + 100)
	p.wantOneLife()
}

// TestStandbyAfterEndInOrder: a producer that ends in order gives the streams up at
// once, and not only at the end of its lease.
func TestStandbyAfterEndInOrder(t *testing.T) {
	p := startPair(t, 10)
	at := dentest.Now()
	p.first.stop(t)
	p.wantTakeover(at, 0)
	p.wantOneLife()
}
