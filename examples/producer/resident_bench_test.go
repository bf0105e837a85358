//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio/redistest"
)

// BenchmarkResidentMemory tells how much memory a producer needs, in a process of its own, that
// keeps 60 000 events open at full load: every iteration updates each of them once, in
// arrays of 10 pairs.
func BenchmarkResidentMemory(b *testing.B) {
	const events, k = 60_000, 10
	server := redistest.Start(b, "--appendonly", "no")
	dir := b.TempDir()
	client := harnessClient(b, server.Addr)
	cfg, path := writeConfig(b, dir, func(cfg *config.Config) {
		cfg.TimeAfterCollision = 10
		cfg.DENMLastUpdateMaxDelay, cfg.DENMCheckLastUpdateMaxInterval = 10_000, 10_000
		cfg.Log.Handlers[0].Level = "INFO"
	})
	p := start(b, dir, "producer", "-config", path, "-redis", server.Addr, "-http", "127.0.0.1:0")
	p.awaitLogged(b, "serving metrics and health")
	published := 0
	update := func() {
		sendArraysOf(b, client, cfg, events, k)
		published += events
		eventually(b, "all is published", func() bool {
			return entriesAdded(b, client, cfg.Redis.Streams.Outputs[0].StreamID) >= published
		})
	}
	update() // opens them
	for b.Loop() {
		update()
	}
	b.ReportMetric(p.status(b, "VmRSS"), "RSS-MB")
	b.ReportMetric(p.status(b, "VmHWM"), "RSS-MB-most")
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "DENM/s")
	if n := p.value(b, "den_events_active"); n != events {
		b.Errorf("%v events are open, want %d", n, events)
	}
	p.stop(b)
}

// entriesAdded returns how many entries a stream ever had, 0 if there is none.
func entriesAdded(b *testing.B, client rueidis.Client, stream string) int {
	b.Helper()
	info, err := client.Do(b.Context(), client.B().XinfoStream().Key(stream).Build()).AsMap()
	if err != nil {
		return 0
	}
	added := info["entries-added"]
	n, err := added.ToInt64()
	if err != nil {
		b.Fatal(err)
	}
	return int(n)
}

// sendArraysOf sends a prediction for each of so many pairs, in arrays of k pairs.
func sendArraysOf(b *testing.B, client rueidis.Client, cfg config.Config, pairs, k int) {
	b.Helper()
	targets := make([]den.StationID, k)
	for j := range targets {
		targets[j] = den.StationID(100_000 + j)
	}
	now := dentest.Now()
	const page = 500
	for first := 0; first < pairs/k; first += page {
		var commands rueidis.Commands
		for i := first; i < min(first+page, pairs/k); i++ {
			message := dentest.Event(dentest.Collisions(now, den.StationID(i), targets...), nil)
			commands = append(commands, client.B().Xadd().Key(cfg.Redis.Streams.Inputs[0].StreamID).Maxlen().Threshold("6000").
				Id("*").FieldValue().FieldValue("message", string(message)).Build())
		}
		for _, answer := range client.DoMulti(b.Context(), commands...) {
			if err := answer.Error(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// status returns a line of /proc/PID/status, in megabytes.
func (p *process) status(b *testing.B, name string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes float64
		if n, _ := fmt.Sscanf(line, name+": %f kB", &kilobytes); n == 1 {
			return kilobytes * 1024 / 1e6
		}
	}
	b.Fatalf("there is no %s in %s", name, text)
	return 0
}
