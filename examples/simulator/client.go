package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// client is the step_client: it reads DENMs beside the consumer group, and prints
// what each vehicle would do whenever that changes.
type client struct {
	options
	redis          rueidis.Client
	stdout, stderr io.Writer
	last           string // the id of the entry read last
	events         map[den.ActionID]*heard
	choice         *rand.Rand
	got, negated   int
}

// heard is what the client knows of an event.
type heard struct {
	advice advice
	until  den.Timestamp
}

func newClient(o options, redis rueidis.Client, stdout, stderr io.Writer) *client {
	return &client{
		options: o, redis: redis, stdout: stdout, stderr: stderr, last: "$",
		events: make(map[den.ActionID]*heard),
		choice: rand.New(rand.NewPCG(o.town.Seed, 3)),
	}
}

// mostHeard bounds the events that the client knows of, since some are valid for a day.
const mostHeard = 10000

const line = "%-12s  %-14s  %-22s  %-9s  %s\n"

// run prints until ctx ends.
func (c *client) run(ctx context.Context) error {
	fmt.Fprintf(c.stdout, line, "TIME UTC", "ACTION ID", "PAIR", "DO", "COLLISION")
	failing := false
	for ctx.Err() == nil {
		err := c.read(ctx)
		switch {
		case err == nil:
			failing = false
		case refused(err):
			return fmt.Errorf("read the stream %s: %w", c.output, err)
		case ctx.Err() == nil:
			if !failing {
				fmt.Fprintf(c.stderr, "simulator: read the stream %s: %v\n", c.output, err)
			}
			failing = true
			wait(ctx, time.After(pause))
		}
	}
	fmt.Fprintf(c.stdout, "%d DENMs, %d events negated\n", c.got, c.negated)
	return nil
}

// read handles what there is, or waits for it for a while.
func (c *client) read(ctx context.Context) error {
	// "$" would pass over what comes between two reads, so it is made an id at once.
	if c.last == "$" {
		newest, err := c.redis.Do(ctx, c.redis.B().Xrevrange().Key(c.output).End("+").Start("-").Count(1).Build()).AsXRange()
		if err != nil {
			return err
		}
		c.last = "0-0"
		if len(newest) > 0 {
			c.last = newest[0].ID
		}
	}
	read := c.redis.B().Xread().Count(100).Block(200).Streams().Key(c.output).Id(c.last).Build()
	streams, err := c.redis.Do(ctx, read).AsXRead()
	if err != nil && !rueidis.IsRedisNil(err) {
		return err
	}
	for _, entry := range streams[c.output] {
		c.last = entry.ID
		event, err := den.ParseEvent([]byte(entry.FieldValues["message"]))
		if err != nil || event.DENM == nil {
			continue // not for us
		}
		if err := c.handle(ctx, event.DENM, den.TimestampOf(time.Now())); err != nil {
			return err
		}
	}
	c.forget(den.TimestampOf(time.Now()))
	return nil
}

func (c *client) handle(ctx context.Context, d *den.DENM, now den.Timestamp) error {
	key, _ := d.Key()
	if id := den.StationID(c.station); id != 0 && key.ReferenceStation != id && key.TargetStation != id {
		return nil
	}
	c.got++
	id := d.Management.ActionID
	event := c.events[id]
	first := event == nil
	if first {
		c.makeRoom()
		event = new(heard)
		c.events[id] = event
	}
	event.until = d.ValidUntil()
	if now := advise(d, now); now != event.advice {
		event.advice = now
		c.print(d, key, string(now))
	}
	if event.advice == goOn {
		delete(c.events, id)
		return nil
	}
	if first && c.choice.Float64() < c.negate {
		negation := den.Event{Source: "step_client", Time: now, DENM: negationOf(d, key, now)}
		if err := c.redis.Do(ctx, add(c.redis, c.input, negation)).Error(); err != nil {
			return err
		}
		c.negated++
		c.print(d, key, "negate")
	}
	return nil
}

// negationOf is what the target station says to which the event does not happen.
func negationOf(d *den.DENM, key den.Key, now den.Timestamp) *den.DENM {
	n := *d
	n.StationID = key.TargetStation
	n.Management.Termination = den.Some(den.IsNegation)
	n.Management.ReferenceTime = den.NextReferenceTime(d.Management.ReferenceTime, now)
	n.Situation, n.Location, n.PreCrash = den.Optional[den.Situation]{}, den.Optional[den.Location]{}, den.Optional[den.PreCrash]{}
	return &n
}

func (c *client) print(d *den.DENM, key den.Key, do string) {
	left := "over"
	if d.PreCrash.Valid && !d.Management.Termination.Valid {
		left = fmt.Sprintf("in %.1f s", leftOf(d, den.TimestampOf(time.Now())).Seconds())
	}
	at := time.Now().UTC().Format("15:04:05.000")
	fmt.Fprintf(c.stdout, line, at, d.Management.ActionID, key, do, left)
}

// makeRoom forgets any event when there are too many.
func (c *client) makeRoom() {
	for id := range c.events {
		if len(c.events) < mostHeard {
			return
		}
		delete(c.events, id)
	}
}

// forget drops events that have ended silently.
func (c *client) forget(now den.Timestamp) {
	for id, event := range c.events {
		if now > event.until {
			delete(c.events, id)
		}
	}
}
