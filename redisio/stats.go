package redisio

import (
	"errors"
	"sync/atomic"

	"github.com/step-its/producer/den"
)

// Stats counts what a Client did since it was opened.
type Stats struct {
	Received      uint64 // entries read, those read again included
	Published     uint64 // DENMs written, counted once whatever the number of outputs
	DeadLetters   uint64 // entries put into the dead-letter stream
	Commits       uint64 // calls of the commit script that were answered
	Repeated      uint64 // entries whose commit had happened before
	CommitErrors  uint64 // calls of the commit script that failed
	ReadErrors    uint64 // reads that failed
	Connections   uint64 // connections made, those that replace others included
	GroupsCreated uint64 // consumer groups that were missing
	NotEncoded    uint64 // DENMs that an Encoding refused, each attempt counted
	Lost          uint64 // entries that were gone before they were delivered, or settled

	// StreamsDeleted counts the inputs that were deleted. What was sent to one since the
	// client had last looked, within a second as a rule, is lost, too, and nobody can
	// tell how much that was.
	StreamsDeleted uint64

	Journal Journal // as it was seen last, within a second as a rule while the client reads

	Epoch    uint64 // counts the owners of the streams up to this client; 0 while it is none
	Owner    bool   // it is the owner, and its lease has not lapsed
	Acquired uint64 // how often the client became the owner
	Fenced   uint64 // commits refused because another client had taken over
}

type counters struct {
	received, published, deadLetters, commits, repeated atomic.Uint64
	commitErrors, readErrors, groupsCreated, lost       atomic.Uint64
	streamsDeleted, acquired, fenced, notEncoded        atomic.Uint64
}

// failed counts a call of the commit script that failed. The calls behind it do not count.
func (c *counters) failed(err error) {
	c.commitErrors.Add(1)
	if errors.Is(err, den.ErrFenced) {
		c.fenced.Add(1)
	}
}

// Stats returns a snapshot of the counters. It does not wait for the server.
func (c *Client) Stats() Stats {
	return Stats{
		Received:      c.counts.received.Load(),
		Published:     c.counts.published.Load(),
		DeadLetters:   c.counts.deadLetters.Load(),
		Commits:       c.counts.commits.Load(),
		Repeated:      c.counts.repeated.Load(),
		CommitErrors:  c.counts.commitErrors.Load(),
		ReadErrors:    c.counts.readErrors.Load(),
		Connections:   c.writer.dialled.Load() + c.reader.dialled.Load(),
		GroupsCreated: c.counts.groupsCreated.Load(),
		NotEncoded:    c.counts.notEncoded.Load(),
		Lost:          c.counts.lost.Load(),

		StreamsDeleted: c.counts.streamsDeleted.Load(),

		Journal: c.reach.journal(),

		Epoch:    c.lease.epoch(),
		Owner:    c.lease.epoch() > 0 && !c.leaseLapsed(),
		Acquired: c.counts.acquired.Load(),
		Fenced:   c.counts.fenced.Load(),
	}
}
