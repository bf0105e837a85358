package den

import (
	"errors"
	"sync/atomic"
)

// Stats counts what a DenService did since it was made.
type Stats struct {
	Active int // open records now

	Arrays uint64 // collision arrays looked at
	DENMs  uint64 // DENMs of other stations looked at

	Created   uint64 // DENMs made that opened an event
	Updated   uint64 // DENMs made that updated an event
	Cancelled uint64 // DENMs that cancelled an event
	Negated   uint64 // records removed by a negation
	Expired   uint64 // records dropped silently after their validity, also by a takeover
	Repeated  uint64 // DENMs sent once more, unchanged
	Recovered uint64 // records taken over from another process, or from before a crash

	Invalid   uint64 // arrays refused by Validate, and DENMs of others' events without times
	Future    uint64 // arrays, and DENMs of others' events, refused with ErrFuture
	Stale     uint64 // pairs refused with ErrStale
	TooLate   uint64 // pairs, and DENMs of others' events, refused with ErrTooLate
	Dropped   uint64 // DENMs whose validity ended before they could be published
	Exhausted uint64 // pairs refused with ErrSequenceExhausted

	NotNegation   uint64 // DENMs ignored with ErrNotNegation
	Delivered     uint64 // DENMs about events of other stations that were news
	Negations     uint64 // events of other stations that we negated
	Repetition    uint64 // DENMs ignored with ErrRepetition
	NotOriginator uint64 // DENMs ignored with ErrNotOriginator
	ReceivedFull  uint64 // DENMs ignored with ErrReceivedFull
	OwnMessage    uint64 // DENMs ignored with ErrOwnMessage
	UnknownAction uint64 // DENMs ignored with ErrUnknownAction
	Outdated      uint64 // DENMs ignored with ErrOutdated

	Rejected uint64 // inputs that were no message, or that the Store failed on
	Lost     uint64 // inputs that the transport lost

	ReceiveErrors uint64 // failed Receives
	PublishErrors uint64 // failed Publishes and Commits
	StoreErrors   uint64 // inputs that the Store failed on, each attempt counted
	HookPanics    uint64 // panics of hooks
}

type counters struct {
	arrays, denms                                    atomic.Uint64
	created, updated, cancelled, negated, expired    atomic.Uint64
	recovered, storeErrors, repeated, hookPanics     atomic.Uint64
	invalid, future, stale, tooLate, exhausted       atomic.Uint64
	notNegation, ownMessage, unknownAction, outdated atomic.Uint64
	delivered, negations, dropped                    atomic.Uint64
	repetition, notOriginator, receivedFull          atomic.Uint64
	rejected, lost, receiveErrors, publishErrors     atomic.Uint64
}

// refused counts a message or pair by the reason it changed nothing. It reports
// false for an error that is no such reason.
func (c *counters) refused(err error) bool {
	for _, r := range [...]struct {
		reason error
		count  *atomic.Uint64
	}{
		{ErrStale, &c.stale},
		{ErrTooLate, &c.tooLate},
		{ErrSequenceExhausted, &c.exhausted},
		{ErrNotNegation, &c.notNegation},
		{ErrOwnMessage, &c.ownMessage},
		{ErrUnknownAction, &c.unknownAction},
		{ErrOutdated, &c.outdated},
		{ErrRepetition, &c.repetition},
		{ErrNotOriginator, &c.notOriginator},
		{ErrReceivedFull, &c.receivedFull},
		{ErrFuture, &c.future},
	} {
		if errors.Is(err, r.reason) {
			r.count.Add(1)
			return true
		}
	}
	return false
}

func (c *counters) snapshot() Stats {
	return Stats{
		Arrays:        c.arrays.Load(),
		DENMs:         c.denms.Load(),
		Created:       c.created.Load(),
		Updated:       c.updated.Load(),
		Cancelled:     c.cancelled.Load(),
		Negated:       c.negated.Load(),
		Expired:       c.expired.Load(),
		Repeated:      c.repeated.Load(),
		Recovered:     c.recovered.Load(),
		Invalid:       c.invalid.Load(),
		Future:        c.future.Load(),
		Stale:         c.stale.Load(),
		TooLate:       c.tooLate.Load(),
		Dropped:       c.dropped.Load(),
		Exhausted:     c.exhausted.Load(),
		NotNegation:   c.notNegation.Load(),
		Delivered:     c.delivered.Load(),
		Negations:     c.negations.Load(),
		Repetition:    c.repetition.Load(),
		NotOriginator: c.notOriginator.Load(),
		ReceivedFull:  c.receivedFull.Load(),
		OwnMessage:    c.ownMessage.Load(),
		UnknownAction: c.unknownAction.Load(),
		Outdated:      c.outdated.Load(),
		Rejected:      c.rejected.Load(),
		Lost:          c.lost.Load(),
		ReceiveErrors: c.receiveErrors.Load(),
		PublishErrors: c.publishErrors.Load(),
		StoreErrors:   c.storeErrors.Load(),
		HookPanics:    c.hookPanics.Load(),
	}
}
