package world_test

import (
	"fmt"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/examples/simulator/world"
)

// A minute in a small town, looked at ten times a second.
func Example() {
	cfg := world.Default()
	cfg.Noise = 0
	town := world.New(cfg)
	at := den.TimestampOf(time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC))
	arrays := 0
	for range 600 {
		town.Step(100 * time.Millisecond)
		arrays += len(town.Predict(at.Add(town.Now())))
	}
	fmt.Println(town.Now(), "have passed, something was predicted:", arrays > 0)
	// Output: 1m0s have passed, something was predicted: true
}
