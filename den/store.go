package den

import (
	"fmt"
	"time"
)

// A Store holds the record of every event that is still open, one for each pair
// of road users on collision course. [denstore.DenStore] is the store to use;
// dentest.TestStore tells whether another one keeps the contract.
//
// A Store is safe for concurrent use. It knows no clock: every method that needs
// the time is given it. It owns the DENMs it returns together with whoever
// received them, and nobody changes them.
//
// [denstore.DenStore]: https://pkg.go.dev/github.com/step-its/producer/denstore#DenStore
type Store interface {
	// Upsert opens a record for a pair that has none, and otherwise gives the
	// pair's record a new version. It returns the DENM to publish.
	//
	// A new record gets the next sequence number that no record uses. A new
	// version keeps the action id and has a reference time that is newer than
	// the last one: NextReferenceTime.
	//
	// An error leaves the store as it was: ErrStale when the prediction is older
	// than the record's last one, ErrSequenceExhausted when a new record finds
	// all 65 536 sequence numbers in use.
	Upsert(p Prediction, now Timestamp) (*DENM, Change, error)

	// Lookup returns the record of the action id.
	Lookup(id ActionID) (Record, bool)

	// Remove deletes the record of the action id, if there is one, and reports
	// whether there was. Its sequence number is free again, but the store takes
	// the others first.
	Remove(id ActionID) bool

	// Expired returns the records that got no new version for longer than delay,
	// the longest waiting first, and no more than most. The records stay.
	Expired(now Timestamp, delay time.Duration, most int) []Record

	// NextCheck returns how long to wait until Expired may return something: at
	// least 0, and at most the given time, which it also returns when the store
	// is empty.
	NextCheck(now Timestamp, delay, most time.Duration) time.Duration

	// Restore replaces whatever the store holds by these records, which another
	// store held before, the one with the oldest version first. Of two records of
	// the same pair, or with the same sequence number, the later one stays. The
	// next new record tries the sequence number next first.
	Restore(records []Record, next uint16)

	// Len returns the number of records.
	Len() int
}

// MaxRecords is the most records a Store can hold: one per sequence number.
const MaxRecords = 65536

// Errors of Store.Upsert.
var (
	// ErrStale means that the prediction was detected before the one the record
	// has already: it came too late to say anything new.
	ErrStale error = reason("den: prediction is older than the record's")
	// ErrSequenceExhausted means that all 65 536 sequence numbers are in use.
	ErrSequenceExhausted error = reason("den: all 65536 sequence numbers are in use")
)

// Change says what Upsert did.
type Change uint8

const (
	// Created means that a new record was opened.
	Created Change = iota + 1
	// Updated means that a record got a new version.
	Updated
)

// String returns "created" or "updated".
func (c Change) String() string {
	switch c {
	case Created:
		return "created"
	case Updated:
		return "updated"
	}
	return fmt.Sprintf("Change(%d)", uint8(c))
}

// Record is an open event. A record equals another one when both hold the same
// DENM, and not only an equal one: the same version of the same event of one store.
type Record struct {
	// Created is the reference time of the event's first DENM.
	Created Timestamp
	// DENM is the event's latest version.
	DENM *DENM
}

// String returns what the DENM's String returns.
func (r Record) String() string {
	if r.DENM == nil {
		return "no record"
	}
	return r.DENM.String()
}
