//go:build unix

package main

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio/redistest"
)

// chaos is two producers with one configuration, each behind a proxy of its own,
// and a server, all of which are disturbed at random.
type chaos struct {
	t       *testing.T
	random  *rand.Rand
	server  *redistest.Server
	client  rueidis.Client // the test's own, past the proxies
	cfg     config.Config
	path    string // of the configuration file
	dir     string
	places  [2]*place
	all     []*process // also those that have ended
	mending []mending
	// serverOut says that a fault has the server in hand.
	serverOut bool
	losses    []groupLoss
	counts    map[string]int
}

// place is where one producer runs.
type place struct {
	name      string
	proxy     *redistest.Proxy
	process   *process
	disturbed bool // a fault has it in hand
}

// mending is the end of a fault: it is tried from a time on until it is done.
type mending struct {
	at   time.Time
	done func() bool
}

// TestChaos is the proof that nothing is lost and nothing doubled, whatever dies:
// under load, producers and the server are killed, stopped and cut off at random.
// In the end every input must be accounted for and every event be over.
//
// CHAOS_DURATION is how long, such as 10m; CHAOS_SEED repeats the faults of an
// earlier run, though not their exact moments. With -artifacts the logs of the
// producers stay, and what was in the streams.
func TestChaos(t *testing.T) {
	duration := 40 * time.Second
	if text := os.Getenv("CHAOS_DURATION"); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CHAOS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("CHAOS_SEED=%d CHAOS_DURATION=%v", seed, duration)
	stall := watchStalls(t)

	c := newChaos(t, seed)
	tr := startTraffic(t, c.client, c.cfg, seed)
	c.disturb(time.Now().Add(duration))
	// The last inputs come in peace, so that it is known when those before them
	// were settled at the latest.
	time.Sleep(2 * time.Second)
	tr.stop()
	c.awaitRest()
	for _, p := range c.places {
		p.process.stop(t)
	}

	h := readHistory(t, c.client, c.cfg)
	h.slack = time.Second + 2*stall()
	h.losses = c.losses
	for _, p := range c.all {
		h.readLog(t, p)
		if err := p.failure(); err != nil && !c.tooShort(p) {
			t.Error(err)
		}
	}
	tr.compare(h)
	h.write(t, c.dir)
	a := h.check()
	for name, n := range c.counts {
		a.counts[name] += n
	}
	t.Logf("what happened:\n%s", a)
	for i, finding := range a.findings {
		if i == 200 {
			t.Errorf("and %d more", len(a.findings)-i)
			break
		}
		t.Error(finding)
	}
	if len(a.findings) > 0 {
		showEvidence(t, c.dir, a.findings)
	}
	if answered := a.counts["pairs: answered"]; answered < a.counts["pairs of arrays"]/3 {
		t.Errorf("only %d pairs were answered: this proves little", answered)
	}
}

func newChaos(t *testing.T, seed uint64) *chaos {
	c := &chaos{
		t: t, random: rand.New(rand.NewPCG(seed, 0)), dir: t.ArtifactDir(), counts: make(map[string]int),
		// What was acknowledged must survive a kill, or the books cannot agree.
		server: redistest.Start(t, "--appendfsync", "always"),
	}
	c.client = harnessClient(t, c.server.Addr)
	c.cfg, c.path = writeConfig(t, c.dir, func(cfg *config.Config) {
		cfg.DENMLastUpdateMaxDelay = 800
		cfg.TimeAfterCollision = 1
		cfg.ReconnectInterval = 1
		streams := &cfg.Redis.Streams
		streams.Inputs = append(streams.Inputs, streams.Inputs[0])
		streams.Inputs[1].StreamID = "step_negations"
		streams.Outputs[0].MaxLength = 0
		streams.DeadLetter.MaxLength = 0
		cfg.Redis.Connection.SocketTimeout = 2
		cfg.Redis.Connection.SocketConnectTimeout = 2
	})
	for i := range c.places {
		c.places[i] = &place{name: "producer-" + strconv.Itoa(i+1), proxy: redistest.StartProxy(t, c.server.Addr)}
		c.start(c.places[i])
	}
	return c
}

func (c *chaos) start(p *place) {
	name := p.name + "-" + strconv.Itoa(len(c.all))
	p.process = start(c.t, c.dir, name, "-config", c.path, "-redis", p.proxy.Addr)
	c.all = append(c.all, p.process)
	c.counts["processes started"]++
}

// disturb does what it can until a time, and then mends everything.
func (c *chaos) disturb(until time.Time) {
	next := time.Now().Add(time.Second)
	for time.Now().Before(until) || len(c.mending) > 0 {
		c.mend()
		if now := time.Now(); now.After(next) && now.Before(until) {
			c.fault()
			next = now.Add(c.between(100, 1000))
		}
		for _, p := range c.places {
			c.wantRunning(p)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// wantRunning reports a producer that has ended by itself.
func (c *chaos) wantRunning(p *place) {
	select {
	case <-p.process.ended:
		if p.disturbed {
			return
		}
		c.t.Errorf("%s has ended by itself: %v", p.process.name, p.process.failure())
		c.start(p)
	default:
	}
}

func (c *chaos) between(least, most int) time.Duration {
	return time.Duration(least+c.random.IntN(most-least)) * time.Millisecond
}

// mend ends the faults whose time is over.
func (c *chaos) mend() {
	var still []mending
	for _, m := range c.mending {
		if time.Now().Before(m.at) || !m.done() {
			still = append(still, m)
		}
	}
	c.mending = still
}

func (c *chaos) later(after time.Duration, done func() bool) {
	c.mending = append(c.mending, mending{time.Now().Add(after), done})
}

// awaitRest waits until nothing waits in an input and every event is over.
func (c *chaos) awaitRest() {
	eventually(c.t, "all inputs are settled", func() bool {
		for _, in := range c.cfg.Redis.Streams.Inputs {
			if !settled(c.t, c.client, in) {
				return false
			}
		}
		return true
	})
	eventually(c.t, "all events are over", func() bool {
		h := readHistory(c.t, c.client, c.cfg)
		for _, l := range h.check().events {
			if l.end == nil && l.negated == nil && l.validUntil() >= dentest.Now() {
				time.Sleep(200 * time.Millisecond) // this look is long for the server
				return false
			}
		}
		return true
	})
}
