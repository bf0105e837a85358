package uper

import (
	"math"

	"github.com/step-its/producer/den"
)

// altitudeConfidences is the bound of each class of AltitudeConfidence, in 0.01 m
// (TS 102 894-2).
var altitudeConfidences = [...]uint16{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000}

// offset returns where an object is, seen from the event position. Coordinates are
// rounded to the nearest 0.01 m, half the error of ETSI's rounding up. The z
// coordinate is told where both heights are known; where not, the object counts as
// being at the height of the event, and an event of unknown height as being on the
// ellipsoid.
func offset(event, object den.ReferencePosition) Position3D {
	ground, known := heightOf(event)
	height, known2 := heightOf(object)
	heights := known && known2
	if !heights {
		height = ground
	}
	f := frameAt(placeOf(int32(event.Latitude), int32(event.Longitude), ground))
	v := f.offset(placeOf(int32(object.Latitude), int32(object.Longitude), height))
	if v.z < -farBelow { // beyond the horizon a place may come near the axis again
		v.x, v.y = math.Copysign(math.Inf(1), v.x), math.Copysign(math.Inf(1), v.y)
	}
	confidenceX, confidenceY := alongAxes(object.PositionConfidence)
	p := Position3D{X: Coordinate{coordinate(v.x), confidenceX}, Y: Coordinate{coordinate(v.y), confidenceY}}
	if heights {
		p.Z = den.Some(Coordinate{coordinate(v.z), fromAltitudeConfidence(object.Altitude.Confidence)})
	}
	return p
}

// farBelow is how far below the plane of the event no object is that is near it, in m.
const farBelow = 100e3

// heightOf returns the height of a position in m, 0 where it is not known.
func heightOf(p den.ReferencePosition) (meters float64, known bool) {
	if p.Altitude.Value >= den.UnavailableAltitude {
		return 0, false
	}
	return float64(p.Altitude.Value) / 100, true
}

// coordinate returns a coordinate in 0.01 m, or that it is out of range.
func coordinate(meters float64) int32 {
	return int32(min(max(math.Round(meters*100), CoordinateTooLow), CoordinateTooHigh))
}

// alongAxes returns how far a confidence ellipse reaches to the east and north.
func alongAxes(e den.PositionConfidenceEllipse) (x, y uint16) {
	const outOfRange = 4094 // and 4095 unavailable, of a semi axis
	if largest := max(e.SemiMajorAxisLength, e.SemiMinorAxisLength); largest >= outOfRange {
		return largest + 1, largest + 1
	}
	if e.SemiMajorAxisOrientation >= den.UnavailableHeading {
		x = fromConfidence(float64(e.SemiMajorAxisLength))
		return x, x
	}
	sin, cos := math.Sincos(float64(e.SemiMajorAxisOrientation) / 10 * math.Pi / 180)
	major, minor := float64(e.SemiMajorAxisLength), float64(e.SemiMinorAxisLength)
	return fromConfidence(math.Hypot(major*sin, minor*cos)), fromConfidence(math.Hypot(major*cos, minor*sin))
}

// fromConfidence rounds up to 0.01 m, but not for what is a matter of float64.
func fromConfidence(v float64) uint16 {
	return uint16(min(max(math.Ceil(v-1e-6), 1), CoordinateConfidenceOutOfRange))
}

func fromAltitudeConfidence(class den.Optional[uint8]) uint16 {
	switch i := class.Or(UnavailableAltitudeConfidence); {
	case int(i) < len(altitudeConfidences):
		return min(altitudeConfidences[i], CoordinateConfidenceOutOfRange)
	case i == UnavailableAltitudeConfidence:
		return CoordinateConfidenceUnavailable
	}
	return CoordinateConfidenceOutOfRange
}

// located returns the position of an object from its offset, or false where a
// coordinate is out of range. The axes of its confidence ellipse lie along the
// frame: what is told of another orientation is only how far it reaches.
func located(event den.ReferencePosition, p Position3D) (den.ReferencePosition, bool) {
	if outOfRange(p.X) || outOfRange(p.Y) || p.Z.Valid && outOfRange(p.Z.Value) {
		return den.ReferencePosition{}, false
	}
	ground, known := heightOf(event)
	heights := known && p.Z.Valid
	f := frameAt(placeOf(int32(event.Latitude), int32(event.Longitude), ground))
	x, y := float64(p.X.Value)/100, float64(p.Y.Value)/100
	at := f.placeAtHeight(x, y, ground)
	if heights {
		at = f.placeAt(vector3{x, y, float64(p.Z.Value.Value) / 100})
	}
	r := den.PositionAt(den.Latitude(e7(at.latitude)), den.Longitude(e7(at.longitude)))
	r.PositionConfidence = ellipse(p.X.Confidence, p.Y.Confidence)
	if heights {
		r.Altitude.Value = int32(min(max(math.Round(at.height*100), -100000), float64(den.UnavailableAltitude-1)))
		r.Altitude.Confidence = toAltitudeConfidence(p.Z.Value.Confidence)
	}
	return r, true
}

func outOfRange(c Coordinate) bool {
	return c.Value <= CoordinateTooLow || c.Value >= CoordinateTooHigh
}

func ellipse(x, y uint16) den.PositionConfidenceEllipse {
	if max(x, y) >= CoordinateConfidenceUnavailable {
		return den.PositionAt(0, 0).PositionConfidence
	}
	// 4095, out of range, is 4094 here.
	x, y = min(x, 4094), min(y, 4094)
	if x > y {
		return den.PositionConfidenceEllipse{SemiMajorAxisLength: x, SemiMinorAxisLength: y, SemiMajorAxisOrientation: 900}
	}
	return den.PositionConfidenceEllipse{SemiMajorAxisLength: y, SemiMinorAxisLength: x}
}

func toAltitudeConfidence(v uint16) den.Optional[uint8] {
	switch {
	case v >= CoordinateConfidenceUnavailable:
		return den.Optional[uint8]{}
	case v == CoordinateConfidenceOutOfRange:
		return den.Some[uint8](14)
	}
	class := uint8(0)
	for altitudeConfidences[class] < v { // which is at most 4094
		class++
	}
	return den.Some(class)
}
