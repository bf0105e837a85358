//go:build unix

package main

import (
	"testing"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio/redistest"
)

// TestCancelOnExit: with the flag a producer that ends in order cancels its
// events; without it they stay, and the next one goes on with them.
func TestCancelOnExit(t *testing.T) {
	server := redistest.Start(t)
	dir := t.TempDir()
	client := harnessClient(t, server.Addr)
	cfg, path := writeConfig(t, dir, func(cfg *config.Config) {
		cfg.DENMLastUpdateMaxDelay, cfg.DENMCheckLastUpdateMaxInterval = 10_000, 10_000
	})
	run := func(name string, outputs int, args ...string) {
		t.Helper()
		p := start(t, dir, name, append(args, "-config", path, "-redis", server.Addr)...)
		sendArray(t, client, cfg, dentest.Collisions(dentest.Now(), 1, 2, 3, 4))
		eventually(t, name+" answers", func() bool { return len(readOutputs(t, client, cfg)) == outputs })
		p.stop(t)
	}
	run("without", 3)
	run("after-it", 6)
	run("with", 9, "-cancel-on-exit")
	outputs := readOutputs(t, client, cfg)
	if len(outputs) != 12 {
		t.Fatalf("there are %d outputs, want three times 3 and 3 cancellations", len(outputs))
	}
	for i, o := range outputs {
		if o.ends() != (i >= 9) {
			t.Errorf("output %d of %v: ends %v", i, o.action(), o.ends())
		}
		if first := outputs[i%3]; i < 9 && o.action() != first.action() {
			t.Errorf("output %d is about %v, want %v", i, o.action(), first.action())
		}
	}
	a := readHistory(t, client, cfg).check()
	if len(a.events) != 3 {
		t.Errorf("there were %d events, want 3", len(a.events))
	}
}
