package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/denstore"
	"github.com/step-its/producer/examples/simulator/world"
)

// demo is a small town in real time, with the DEN service in the same process.
type demo struct {
	hub  *hub
	log  *slog.Logger
	town *world.World
	last entryID
}

func newDemo(hub *hub, log *slog.Logger) *demo {
	return &demo{hub: hub, log: log, town: world.New(world.Default())}
}

func (d *demo) streets() []street { return outlineOf(d.town.Streets()) }

// run lets the town live until ctx ends.
func (d *demo) run(ctx context.Context) error {
	service, err := den.New(den.Config{
		StationID:          3000001,
		Store:              denstore.New(denstore.AsSent),
		Publisher:          den.PublisherFunc(d.publish),
		TimeAfterCollision: 3 * time.Second,
		Logger:             d.log,
	})
	if err != nil {
		return err
	}
	const step = 100 * time.Millisecond
	ticks := time.NewTicker(step)
	defer ticks.Stop()
	d.last = entryID{ms: uint64(time.Now().UnixMilli())}
	d.hub.begin(d.last, nil)
	d.hub.connect(true)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		d.town.Step(step)
		for _, array := range d.town.Predict(den.TimestampOf(time.Now())) {
			if err := service.HandleCollisions(ctx, array); err != nil && ctx.Err() == nil {
				d.log.Warn("prediction refused", "cause", err)
			}
		}
		if _, err := service.Cleanup(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// publish gives the DENMs ids as the entries of a stream have them.
func (d *demo) publish(_ context.Context, denms []*den.DENM) error {
	for _, m := range denms {
		if now := uint64(time.Now().UnixMilli()); now > d.last.ms {
			d.last = entryID{ms: now}
		} else {
			d.last.seq++
		}
		d.hub.add(arrival{d.last, m})
	}
	return nil
}
