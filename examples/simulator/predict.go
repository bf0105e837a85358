package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/examples/simulator/world"
)

// predict is the crash prediction: it lets the town live in real time, and writes what
// it predicts to the input stream until ctx ends.
func predict(ctx context.Context, o options, redis rueidis.Client, stdout, stderr io.Writer) error {
	between := time.Duration(float64(time.Second) / o.rate)
	town := &pacedTown{World: world.New(o.town), between: between, stderr: stderr, now: time.Now}
	town.begin()
	ticks := time.NewTicker(between)
	defer ticks.Stop()
	fmt.Fprintf(stdout, "predict %g times a second, to the stream %s\n", o.rate, o.input)
	sent, lost, failing := 0, 0, false
	for wait(ctx, ticks.C) {
		if !town.catchUp(ctx) {
			break
		}
		arrays := town.Predict(den.TimestampOf(time.Now()))
		switch err := send(ctx, redis, o.input, arrays); {
		case err == nil:
			sent += len(arrays)
			failing = false
		case refused(err):
			return fmt.Errorf("write to the stream %s: %w", o.input, err)
		case ctx.Err() == nil:
			// A prediction that is late is of no use, so it is not sent again.
			lost += len(arrays)
			if !failing {
				fmt.Fprintf(stderr, "simulator: write to the stream %s: %v\n", o.input, err)
			}
			failing = true
		}
	}
	fmt.Fprintf(stdout, "%d arrays sent, %d lost, in %v of the town\n", sent, lost, town.Now().Round(time.Second))
	return nil
}

// send writes the arrays to the stream, in one round trip.
func send(ctx context.Context, redis rueidis.Client, stream string, arrays []*den.StationCollisions) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var adds rueidis.Commands
	for _, array := range arrays {
		event := den.Event{Source: "step_crash_prediction", Time: den.TimestampOf(time.Now()), Collisions: array}
		adds = append(adds, add(redis, stream, event))
	}
	for _, result := range redis.DoMulti(ctx, adds...) {
		if err := result.Error(); err != nil {
			return err
		}
	}
	return nil
}

// add is the command that writes an event to a stream.
func add(redis rueidis.Client, stream string, event den.Event) rueidis.Completed {
	return redis.B().Xadd().Key(stream).Maxlen().Almost().Threshold("10000").
		Id("*").FieldValue().FieldValue("message", string(event.AppendJSON(nil))).Build()
}
