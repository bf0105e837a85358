package main

import (
	"context"
	"log/slog"
	"sync"
	"testing"
)

// startDemo runs the demonstration for the time of the test.
func startDemo(t *testing.T) *running {
	t.Helper()
	hub := newHub(quiet)
	town := newDemo(hub, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() {
		if err := town.run(ctx); err != nil {
			t.Errorf("the demonstration: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		parts.Wait()
	})
	return startSite(t, "127.0.0.1:0", site{hub: hub, source: "demonstration", streets: town.streets()})
}
