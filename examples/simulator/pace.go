package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/step-its/producer/examples/simulator/world"
)

const (
	// longestStep is the longest time that passes in one step of the town; the rate of
	// predictions may be lower than what moves well.
	longestStep = 100 * time.Millisecond
	// mostLate is how far a town may lag behind real time. What is missing then is given
	// up, or it would never come to an end with that.
	mostLate = 3 * time.Second
	// mostAtOnce is how many turns a town that lags may take between two predictions.
	mostAtOnce = 2
)

// pacedTown is a town that lives in real time. All its turns take the same time in the
// town, whatever they take here, so that the same seed gives the same town.
type pacedTown struct {
	*world.World
	between time.Duration // how long a turn lasts
	stderr  io.Writer
	now     func() time.Time
	due     time.Time // when the next turn is due
	told    bool      // that it lags
}

func (t *pacedTown) begin() { t.due = t.now().Add(t.between) }

// catchUp takes the turns that are due. It reports false when ctx ended.
func (t *pacedTown) catchUp(ctx context.Context) bool {
	now := t.now()
	if late := now.Sub(t.due); late > mostLate+t.between {
		if !t.told {
			fmt.Fprintf(t.stderr, "simulator: the town lags %v behind real time: this machine or the server is too slow for it\n", late.Round(time.Millisecond))
			t.told = true
		}
		t.due = now
	}
	for range mostAtOnce {
		if t.due.After(now) {
			break
		}
		t.due = t.due.Add(t.between)
		for passes := t.between; passes > 0; passes -= longestStep {
			if ctx.Err() != nil {
				return false
			}
			t.Step(min(passes, longestStep))
		}
	}
	return ctx.Err() == nil
}
