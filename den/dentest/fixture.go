package dentest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
)

// Collisions returns a valid collision array, detected at the given time: the
// reference is about to be hit by each of the targets in 2.4 s.
func Collisions(at den.Timestamp, reference den.StationID, targets ...den.StationID) *den.StationCollisions {
	c := &den.StationCollisions{
		DetectionTime: at,
		Stations:      []den.StationCollision{station(at, reference)},
	}
	for _, id := range targets {
		target := station(at, id)
		target.Position.Latitude += 2319
		target.Heading.Value = 1800
		target.TimeToCollision = den.Some[uint16](2400)
		target.CollisionLatitude = den.Some[den.Latitude](450703402)
		target.CollisionLongitude = den.Some[den.Longitude](76871910)
		target.ImpactSection = den.Some(den.FaceSideLeftFront)
		c.Stations = append(c.Stations, target)
	}
	return c
}

func station(at den.Timestamp, id den.StationID) den.StationCollision {
	return den.StationCollision{
		StationID:       id,
		StationType:     den.TypePassengerCar,
		MeasurementTime: den.Some(at),
		Position: den.ReferencePosition{
			Latitude:  450703393,
			Longitude: 76868640,
			PositionConfidence: den.PositionConfidenceEllipse{
				SemiMajorAxisLength: 150, SemiMinorAxisLength: 120, SemiMajorAxisOrientation: 0,
			},
			Altitude: den.Altitude{Value: 23900, Confidence: den.Some[uint8](6)},
		},
		Speed:                    den.Speed{Value: 1389, Confidence: den.Some[uint8](50)},
		Heading:                  den.Heading{Value: 900, Confidence: den.Some[uint8](20)},
		ObjectDimensionX:         den.Some(den.ObjectDimension{Value: 42, Confidence: den.Some[uint8](2)}),
		ObjectDimensionY:         den.Some(den.ObjectDimension{Value: 18, Confidence: den.Some[uint8](2)}),
		EstimatedBrakingDistance: den.Some[uint16](180),
	}
}

// Negation returns what another station sends to negate the event of d.
func Negation(d *den.DENM, from den.StationID) *den.DENM {
	return &den.DENM{
		StationID: from,
		Management: den.Management{
			ActionID:      d.Management.ActionID,
			DetectionTime: d.Management.DetectionTime,
			ReferenceTime: d.Management.ReferenceTime,
			Termination:   den.Some(den.IsNegation),
			EventPosition: d.Management.EventPosition,
			StationType:   den.TypePassengerCar,
		},
	}
}

// Event returns the message in its envelope, as JSON: c if it is not nil, else
// d.
func Event(c *den.StationCollisions, d *den.DENM) []byte {
	e := den.Event{Source: "dentest", Collisions: c}
	if c == nil {
		e.DENM = d
	}
	return e.AppendJSON(nil)
}

// Bubble runs f in a testing/synctest bubble whose clock stands at
// 2026-03-02T09:15:00Z. Bubbles begin in the year 2000, which is before ITS time
// begins.
func Bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)))
		f(t)
	})
}

// Now returns the time, inside a bubble the bubble's.
func Now() den.Timestamp { return den.TimestampOf(time.Now()) }
