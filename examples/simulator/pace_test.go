package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/examples/simulator/world"
)

// A town goes on in real time. It catches up with a hiccup, and with one that is long it
// says once that it lags.
func TestPace(t *testing.T) {
	var stderr bytes.Buffer
	clock := time.Now()
	town := &pacedTown{World: world.New(world.Config{}), between: 100 * time.Millisecond, stderr: &stderr, now: func() time.Time { return clock }}
	town.begin()
	turn := func(passes time.Duration) {
		clock = clock.Add(passes)
		if !town.catchUp(t.Context()) {
			t.Fatal("it says that the context has ended")
		}
	}
	for range 10 {
		turn(100 * time.Millisecond)
	}
	if town.Now() != time.Second {
		t.Errorf("after 1 s it is %v in the town", town.Now())
	}
	turn(time.Second)
	for range 10 {
		turn(100 * time.Millisecond)
	}
	if town.Now() != 3*time.Second || stderr.Len() > 0 {
		t.Errorf("after 3 s with a hiccup it is %v in the town: %s", town.Now(), stderr.String())
	}
	for range 20 {
		turn(time.Second)
	}
	if n := strings.Count(stderr.String(), "lags"); n != 1 {
		t.Errorf("it said %d times that it lags: %s", n, stderr.String())
	}
	if town.Now() > 8*time.Second {
		t.Errorf("it is %v in the town", town.Now())
	}
}

// Who is told to stop takes no further step.
func TestPaceEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	clock := time.Now()
	town := &pacedTown{World: world.New(world.Config{}), between: time.Second, now: func() time.Time { return clock }}
	town.begin()
	clock = clock.Add(2 * time.Second)
	if town.catchUp(ctx) || town.Now() > 0 {
		t.Errorf("it is %v in the town", town.Now())
	}
}
