package main

import (
	"strconv"
	"strings"

	"github.com/step-its/producer/den"
)

// warning is a DENM as the page gets it.
type warning struct {
	ID   string `json:"id"`   // the action id
	Kind string `json:"kind"` // see below
	// Made is the reference time, and Until the end of the validity, in ms of Unix
	// time.
	Made  int64 `json:"made"`
	Until int64 `json:"until"`
	// TTC is the time from Made to the collision, in ms.
	TTC       *uint16 `json:"ttc"`
	Reference party   `json:"reference"`
	Target    *party  `json:"target"`
	Place     *place  `json:"place"` // of the predicted collision
	Face      string  `json:"face"`  // of the target, that is hit
}

// What a DENM does to its event. A new one and an update look the same on the wire; a
// receiver knows which it is from what it had before.
const (
	kindNew    = "new"
	kindUpdate = "update"
	kindCancel = "cancel"
)

// place is in degrees.
type place struct {
	Latitude  float64 `json:"lat"`
	Longitude float64 `json:"lon"`
}

// party is one of the two that are about to collide. What is not known is nil.
type party struct {
	Station uint32   `json:"station"`
	Object  uint16   `json:"object"`
	At      place    `json:"at"`
	Speed   *float64 `json:"speed"`   // m/s
	Heading *float64 `json:"heading"` // degrees from north
	Length  *float64 `json:"length"`  // m
}

// warningOf says what the DENM says, without its kind.
func warningOf(d *den.DENM) *warning {
	m := &d.Management
	w := &warning{
		ID: m.ActionID.String(), Made: int64(m.ReferenceTime), Until: int64(d.ValidUntil()),
		Reference: party{
			Station: uint32(m.ReferenceStationID.Or(m.ActionID.OriginatingStationID)),
			Object:  uint16(m.ReferenceObjectID.Or(0)),
			At:      placeOf(m.EventPosition),
		},
	}
	location, crash := d.Location.Or(den.Location{}), &d.PreCrash.Value
	w.Reference.Speed, w.Reference.Heading = speedOf(location.EventSpeed), headingOf(location.EventPositionHeading)
	if !d.PreCrash.Valid {
		return w
	}
	p := &crash.PerceivedObject
	w.Target = &party{
		Station: uint32(crash.StationIDInvolved.Or(0)), Object: uint16(p.ObjectID.Or(0)),
		At: placeOf(p.Position), Speed: speedOf(p.Speed), Heading: headingOf(p.Heading),
	}
	if x := p.ObjectDimensionX; x.Valid && x.Value.Value < 255 {
		w.Target.Length = scaled(x.Value.Value, 10)
	}
	if ttc, ok := crash.TimeToCollision.Get(); ok {
		w.TTC = &ttc
	}
	latitude, north := crash.EstimatedCollisionLatitude.Get()
	longitude, east := crash.EstimatedCollisionLongitude.Get()
	if north && east {
		w.Place = &place{latitude.Degrees(), longitude.Degrees()}
	}
	if face, ok := crash.ImpactSection.Get(); ok {
		w.Face = face.String()
	}
	return w
}

func placeOf(p den.ReferencePosition) place {
	return place{p.Latitude.Degrees(), p.Longitude.Degrees()}
}

func speedOf(s den.Optional[den.Speed]) *float64 {
	if !s.Valid || s.Value.Value == den.UnavailableSpeed {
		return nil
	}
	return scaled(s.Value.Value, 100)
}

func headingOf(h den.Optional[den.Heading]) *float64 {
	if !h.Valid || h.Value.Value == den.UnavailableHeading {
		return nil
	}
	return scaled(h.Value.Value, 10)
}

func scaled(n uint16, unit float64) *float64 {
	f := float64(n) / unit
	return &f
}

// entryID is the id of a stream entry, by which pages say what they have seen last.
type entryID struct{ ms, seq uint64 }

// parseEntryID reads an id such as "1772442914000-0".
func parseEntryID(text string) (entryID, bool) {
	first, second, ok := strings.Cut(text, "-")
	ms, err1 := strconv.ParseUint(first, 10, 64)
	seq, err2 := strconv.ParseUint(second, 10, 64)
	return entryID{ms, seq}, ok && err1 == nil && err2 == nil
}

func (id entryID) String() string {
	return strconv.FormatUint(id.ms, 10) + "-" + strconv.FormatUint(id.seq, 10)
}

func (id entryID) less(other entryID) bool {
	return id.ms < other.ms || id.ms == other.ms && id.seq < other.seq
}
