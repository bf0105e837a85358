package main

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio/redistest"
)

// eventOf is a DENM that is valid for a day.
func eventOf(number uint16, station den.StationID) *den.DENM {
	now := den.TimestampOf(time.Now())
	return &den.DENM{
		StationID: station,
		Management: den.Management{
			ActionID:      den.ActionID{OriginatingStationID: station, SequenceNumber: number},
			DetectionTime: now, ReferenceTime: now, ValidityDuration: den.Some[uint32](86400),
			ReferenceStationID: den.Some[den.StationID](1001),
		},
		PreCrash: den.Some(den.PreCrash{TimeToCollision: den.Some[uint16](2000), StationIDInvolved: den.Some[den.StationID](1002)}),
	}
}

// A negation counts when it is written, and not before.
func TestNegationsThatAreWritten(t *testing.T) {
	server := redistest.Start(t)
	redis, err := connect(t.Context(), server.Addr, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer redis.Close()
	var stdout bytes.Buffer
	c := newClient(options{input: "in", negate: 1}, redis, &stdout, io.Discard)
	if err := c.handle(t.Context(), eventOf(1, 7), den.TimestampOf(time.Now())); err != nil || c.negated != 1 {
		t.Errorf("%d are negated, want 1: %v", c.negated, err)
	}
	server.Kill()
	if err := c.handle(t.Context(), eventOf(2, 7), den.TimestampOf(time.Now())); err == nil || c.negated != 1 {
		t.Errorf("%d are negated with no server, want 1: %v", c.negated, err)
	}
}

func TestHeardIsBounded(t *testing.T) {
	c := newClient(options{}, nil, io.Discard, io.Discard)
	for i := range mostHeard + 100 {
		if err := c.handle(t.Context(), eventOf(uint16(i), 7), den.TimestampOf(time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.events) != mostHeard {
		t.Errorf("it knows of %d events, want %d", len(c.events), mostHeard)
	}
}
