package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
)

// viewer reads a stream of DENMs, beside its consumer group, and prints a line
// for each.
type viewer struct {
	client rueidis.Client
	output config.Output
	out    io.Writer
	last   string // the id of the entry read last

	open                                 map[den.ActionID]den.Timestamp // with the reference time
	opened, updated, repeated, cancelled int
	started                              time.Time
	took                                 time.Duration
}

const (
	viewerHeader = "%-12s  %-9s  %-14s  %-19s  %9s  %s\n"
	viewerLine   = "%-12s  %-9s  %-14s  %-19s  %7.2f s  %s, %s\n"
)

// newViewer returns a viewer that begins after what is in the stream already.
func newViewer(ctx context.Context, client rueidis.Client, output config.Output, out io.Writer) (*viewer, error) {
	v := &viewer{
		client: client, output: output, out: out, last: "0-0",
		open: make(map[den.ActionID]den.Timestamp), started: time.Now(),
	}
	newest, err := client.Do(ctx, client.B().Xrevrange().Key(output.StreamID).End("+").Start("-").Count(1).Build()).AsXRange()
	if err != nil {
		return nil, fmt.Errorf("look at the stream %s: %w", output.StreamID, err)
	}
	if len(newest) > 0 {
		v.last = newest[0].ID
	}
	return v, nil
}

// run prints until ctx ends.
func (v *viewer) run(ctx context.Context) error {
	fmt.Fprintf(v.out, viewerHeader, "TIME UTC", "DENM", "ACTION ID", "PAIR", "COLLISION", "POSITION")
	defer func() { v.took = time.Since(v.started) }()
	for ctx.Err() == nil {
		read := v.client.B().Xread().Count(100).Block(200).Streams().Key(v.output.StreamID).Id(v.last).Build()
		streams, err := v.client.Do(ctx, read).AsXRead()
		if rueidis.IsRedisNil(err) {
			continue
		}
		if err != nil {
			return ended(ctx, fmt.Errorf("view: %w", err))
		}
		for _, entry := range streams[v.output.StreamID] {
			v.last = entry.ID
			event, err := den.ParseEvent([]byte(entry.FieldValues[v.output.Field]))
			if err != nil || event.DENM == nil {
				return fmt.Errorf("view: entry %s is not a DENM: %w", entry.ID, err)
			}
			v.print(event.DENM)
		}
	}
	return nil
}

func (v *viewer) print(d *den.DENM) {
	m := &d.Management
	key, _ := d.Key()
	seconds := float64(d.PreCrash.Or(den.PreCrash{}).TimeToCollision.Or(0)) / 1000
	fmt.Fprintf(v.out, viewerLine, m.ReferenceTime.Time().Format("15:04:05.000"), v.kind(d),
		m.ActionID, key, seconds, m.EventPosition.Latitude, m.EventPosition.Longitude)
}

// kind tells what the DENM does to its event. A new one and an update look the
// same on the wire; a receiver knows which it is from what it had before.
func (v *viewer) kind(d *den.DENM) string {
	id := d.Management.ActionID
	switch {
	case d.Is(den.IsCancellation):
		delete(v.open, id)
		v.cancelled++
		return "cancelled"
	case v.open[id] == d.Management.ReferenceTime:
		v.repeated++
		return "repeated"
	case v.open[id] != 0:
		v.open[id] = d.Management.ReferenceTime
		v.updated++
		return "update"
	}
	v.open[id] = d.Management.ReferenceTime
	v.opened++
	return "new"
}

// summary prints what was seen.
func (v *viewer) summary() {
	repeated := ""
	if v.repeated > 0 {
		repeated = fmt.Sprintf("%d repeated, ", v.repeated)
	}
	fmt.Fprintf(v.out, "%d new, %d updates, %s%d cancelled in %s\n",
		v.opened, v.updated, repeated, v.cancelled, v.took.Round(time.Second))
}
