package den

// Values that stand for "not known" in ETSI TS 102 894-2.
const (
	UnavailableSemiAxisLength uint16 = 4095
	UnavailableHeading        uint16 = 3601
	UnavailableAltitude       int32  = 800001
	UnavailableSpeed          uint16 = 16383
)

// ReferencePosition is a place on earth with its uncertainty.
type ReferencePosition struct {
	Latitude           Latitude
	Longitude          Longitude
	PositionConfidence PositionConfidenceEllipse
	Altitude           Altitude
}

// PositionConfidenceEllipse is the ellipse in which the true position lies with
// 95 % probability.
type PositionConfidenceEllipse struct {
	SemiMajorAxisLength      uint16 // 0.01 m, 0..4095; 4094 out of range, 4095 unavailable
	SemiMinorAxisLength      uint16 // 0.01 m, 0..4095; 4094 out of range, 4095 unavailable
	SemiMajorAxisOrientation uint16 // 0.1 degrees from north, 0..3601; 3601 unavailable
}

// Altitude is a height above the WGS 84 ellipsoid.
type Altitude struct {
	Value int32 // 0.01 m, -100000..800001; 800001 unavailable
	// Confidence is an index into ETSI's table of accuracies, 0 (0.01 m) to
	// 13 (200 m); 14 out of range, 15 unavailable.
	Confidence Optional[uint8]
}

// Speed is a speed over ground.
type Speed struct {
	Value      uint16          // 0.01 m/s, 0..16383; 16383 unavailable
	Confidence Optional[uint8] // 0.01 m/s, 1..127; 126 out of range, 127 unavailable
}

// Heading is a direction of movement, clockwise from north.
type Heading struct {
	Value      uint16          // 0.1 degrees, 0..3601; 900 is east, 3601 unavailable
	Confidence Optional[uint8] // 0.1 degrees, 1..127; 126 out of range, 127 unavailable
}

// ObjectDimension is a length, width or height of an object.
type ObjectDimension struct {
	Value      uint16          // 0.1 m, 1..256; 255 out of range, 256 unavailable
	Confidence Optional[uint8] // 0.1 m, 1..32
}

// PositionAt returns a position of which nothing is known but its place: altitude
// and confidence are unavailable. In a literal they would be zero, which says that
// the place is at sea level and exact.
func PositionAt(latitude Latitude, longitude Longitude) ReferencePosition {
	return ReferencePosition{
		Latitude:  latitude,
		Longitude: longitude,
		PositionConfidence: PositionConfidenceEllipse{
			UnavailableSemiAxisLength, UnavailableSemiAxisLength, UnavailableHeading,
		},
		Altitude: Altitude{Value: UnavailableAltitude},
	}
}

// UnknownSpeed returns the speed that is unavailable. The zero Speed is a
// standstill.
func UnknownSpeed() Speed { return Speed{Value: UnavailableSpeed} }

// UnknownHeading returns the heading that is unavailable. The zero Heading is
// north.
func UnknownHeading() Heading { return Heading{Value: UnavailableHeading} }

var positionKeys = newObject([]field[ReferencePosition]{
	{"latitude", required, func(r *reader, p *ReferencePosition) error { return intoLatitude(r, &p.Latitude) }},
	{"longitude", required, func(r *reader, p *ReferencePosition) error { return intoLongitude(r, &p.Longitude) }},
	{"positionConfidence", optional, func(r *reader, p *ReferencePosition) error {
		return ellipseKeys.read(r, &p.PositionConfidence)
	}},
	{"altitude", optional, func(r *reader, p *ReferencePosition) error { return altitudeKeys.read(r, &p.Altitude) }},
})

func intoPosition(r *reader, dst *ReferencePosition) error {
	*dst = PositionAt(0, 0) // what a sender leaves out is unavailable
	return positionKeys.read(r, dst)
}

var ellipseKeys = newObject([]field[PositionConfidenceEllipse]{
	{"semiMajorAxisLengthConfidence", optional, func(r *reader, e *PositionConfidenceEllipse) error {
		return intoInt(r, &e.SemiMajorAxisLength, spanSemiAxisLength)
	}},
	{"semiMinorAxisLengthConfidence", optional, func(r *reader, e *PositionConfidenceEllipse) error {
		return intoInt(r, &e.SemiMinorAxisLength, spanSemiAxisLength)
	}},
	{"semiMajorAxisOrientation", optional, func(r *reader, e *PositionConfidenceEllipse) error {
		return intoInt(r, &e.SemiMajorAxisOrientation, spanHeadingValue)
	}},
})

var altitudeKeys = newObject([]field[Altitude]{
	{"value", optional, func(r *reader, a *Altitude) error { return intoInt(r, &a.Value, spanAltitudeValue) }},
	{"confidence", optional, func(r *reader, a *Altitude) error {
		return intoOptional(r, &a.Confidence, spanAltitudeConfidence)
	}},
})

var speedKeys = newObject([]field[Speed]{
	{"value", optional, func(r *reader, s *Speed) error { return intoInt(r, &s.Value, spanSpeedValue) }},
	{"confidence", optional, func(r *reader, s *Speed) error { return intoOptional(r, &s.Confidence, spanConfidence) }},
})

func intoSpeed(r *reader, dst *Speed) error {
	*dst = UnknownSpeed()
	return speedKeys.read(r, dst)
}

var headingKeys = newObject([]field[Heading]{
	{"value", optional, func(r *reader, h *Heading) error { return intoInt(r, &h.Value, spanHeadingValue) }},
	{"confidence", optional, func(r *reader, h *Heading) error { return intoOptional(r, &h.Confidence, spanConfidence) }},
})

func intoHeading(r *reader, dst *Heading) error {
	*dst = UnknownHeading()
	return headingKeys.read(r, dst)
}

var dimensionKeys = newObject([]field[ObjectDimension]{
	{"value", required, func(r *reader, d *ObjectDimension) error { return intoInt(r, &d.Value, spanDimensionValue) }},
	{"confidence", optional, func(r *reader, d *ObjectDimension) error {
		return intoOptional(r, &d.Confidence, spanDimensionConfidence)
	}},
})

func intoDimension(r *reader, dst *Optional[ObjectDimension]) error {
	return into(r, dimensionKeys, dst)
}
