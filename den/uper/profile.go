package uper

import (
	"fmt"

	"github.com/step-its/producer/den"
)

// A Release is a generation of ETSI's documents. Their messages have the same
// root and cannot be told apart by the header; release 2 adds to it.
type Release uint8

const (
	// R1 is EN 302 637-3 V1.3.1, which everybody reads. It has no preCrash, so a
	// collision warning says where the reference is and how it moves, but not with
	// what it collides.
	R1 Release = iota
	// R2 is TS 103 831 V2.2.1. Receivers of release 1 pass over what it adds.
	R2
)

// A Profile says how a [den.DENM] is told in ETSI's terms. The zero Profile is
// release 1, with time as ETSI defines it.
type Profile struct {
	Release Release
	// WithoutLeapSeconds is for peers whose TimestampIts is Unix time since 2004,
	// without leap seconds: since 2017 they are 5 s behind. Many are. What they send looks
	// 5 s old, and what is sent to them as ETSI has it looks as if it were of 5 s from
	// now. It applies to both directions.
	WithoutLeapSeconds bool
	// Participant says what the other party of a collision is; TypeUnknown where it is
	// not known. Nil means what the DENM itself says in PerceivedObject.Type. It chooses
	// the sub cause, and in release 2 it is the classification of the object.
	Participant func(d *den.DENM) den.TrafficParticipantType
}

// timestampIts converts a time to ETSI's. The error does not name a field.
func (p Profile) timestampIts(t den.Timestamp) (TimestampIts, error) {
	its, err := t.ITS()
	if err == nil && p.WithoutLeapSeconds {
		its = uint64(t - den.MinTimestamp)
	}
	return TimestampIts(its), err
}

// timestamp converts a time of ETSI's. The error does not name a field.
func (p Profile) timestamp(its TimestampIts) (den.Timestamp, error) {
	t, err := den.TimestampFromITS(uint64(its))
	if err != nil || !p.WithoutLeapSeconds {
		return t, err
	}
	t = den.Timestamp(its) + den.MinTimestamp
	if t > den.MaxTimestamp {
		return 0, fmt.Errorf("%d ms after 2004 is later than %s", its, den.MaxTimestamp)
	}
	return t, nil
}

func (p Profile) participant(d *den.DENM) den.TrafficParticipantType {
	if p.Participant != nil {
		return p.Participant(d)
	}
	return d.PreCrash.Or(den.PreCrash{}).PerceivedObject.Type.Or(den.TypeUnknown)
}

// ContentType returns the media type of messages in this profile. It is this module's own
// definition: none is registered.
func (p Profile) ContentType() string {
	if p.Release == R2 {
		return "application/x-etsi-denm-uper; release=2"
	}
	return "application/x-etsi-denm-uper; release=1"
}

// Append appends the encoding of a DENM of this module to dst and returns the extended
// buffer: [FromDENM] and [Append] in one. With an error, which is one of theirs, it
// returns dst as it was.
func (p Profile) Append(dst []byte, d *den.DENM) ([]byte, error) {
	m, err := FromDENM(d, p)
	if err != nil {
		return dst, err
	}
	return Append(dst, m)
}
