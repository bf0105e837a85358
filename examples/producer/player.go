package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/testdata"
)

// player writes the recorded collision arrays to a stream, at the pace they were
// recorded and with their times moved to now, over and over.
type player struct {
	client rueidis.Client
	input  config.Input
	arrays []*den.StationCollisions
}

// pauseBetweenRounds lets every warning of a round be cancelled.
const pauseBetweenRounds = 3 * time.Second

func newPlayer(client rueidis.Client, input config.Input) (*player, error) {
	p := &player{client: client, input: input}
	for lines := bufio.NewScanner(bytes.NewReader(testdata.UrbanGrid)); lines.Scan(); {
		array, err := den.ParseStationCollisions(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("recorded traffic, line %d: %w", len(p.arrays)+1, err)
		}
		p.arrays = append(p.arrays, array)
	}
	return p, nil
}

// run plays until ctx ends.
func (p *player) run(ctx context.Context) error {
	for {
		if err := p.round(ctx); err != nil {
			return ended(ctx, err)
		}
		if !sleepUntil(ctx, time.Now().Add(pauseBetweenRounds)) {
			return nil
		}
	}
}

// round plays the recording once, or until ctx ends.
func (p *player) round(ctx context.Context) error {
	shift := den.TimestampOf(time.Now()) - p.arrays[0].DetectionTime
	for _, array := range p.arrays {
		moved := shifted(array, shift)
		if !sleepUntil(ctx, moved.DetectionTime.Time()) {
			return ctx.Err()
		}
		if err := p.send(ctx, moved); err != nil {
			return fmt.Errorf("play: %w", err)
		}
	}
	return nil
}

// shifted returns a copy of the array that lies later by shift.
func shifted(array *den.StationCollisions, shift den.Timestamp) *den.StationCollisions {
	moved := *array
	moved.DetectionTime += shift
	moved.Stations = append([]den.StationCollision(nil), array.Stations...)
	for i := range moved.Stations {
		if measured := &moved.Stations[i].MeasurementTime; measured.Valid {
			measured.Value += shift
		}
	}
	return &moved
}

func (p *player) send(ctx context.Context, array *den.StationCollisions) error {
	event := den.Event{
		Source:     "step_crash_prediction",
		Time:       den.TimestampOf(time.Now()),
		Collisions: array,
	}
	add := p.client.B().Xadd().Key(p.input.StreamID).Maxlen().Almost().Threshold("10000").
		Id("*").FieldValue().FieldValue("message", string(event.AppendJSON(nil))).Build()
	return p.client.Do(ctx, add).Error()
}

// sleepUntil reports false when ctx ended first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
