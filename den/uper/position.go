package uper

// Values that stand for "not known" (TS 102 894-2).
const (
	UnavailableLatitude           = 900000001
	UnavailableLongitude          = 1800000001
	UnavailableAltitudeConfidence = 15
	UnavailableConfidence         = 127 // of a speed, a heading or an angle
)

// ReferencePosition is a place on earth, WGS 84, with its uncertainty
// (TS 102 894-2). The zero ReferencePosition is a place in the Gulf of Guinea that
// is known exactly.
type ReferencePosition struct {
	Latitude                  int32 // 1e-7 degrees, -900000000..900000001; 900000001 unavailable
	Longitude                 int32 // 1e-7 degrees, -1800000000..1800000001; 1800000001 unavailable
	PositionConfidenceEllipse PosConfidenceEllipse
	Altitude                  Altitude
}

// PosConfidenceEllipse is where the true position lies with 95 % probability
// (TS 102 894-2).
type PosConfidenceEllipse struct {
	SemiMajorConfidence  uint16 // 0.01 m, 0..4095; 4094 out of range, 4095 unavailable
	SemiMinorConfidence  uint16 // 0.01 m, 0..4095; 4094 out of range, 4095 unavailable
	SemiMajorOrientation uint16 // 0.1 degrees from north, 0..3601; 3601 unavailable
}

// Altitude is a height above the WGS 84 ellipsoid (TS 102 894-2).
type Altitude struct {
	AltitudeValue int32 // 0.01 m, -100000..800001; 800001 unavailable
	// AltitudeConfidence is a class, 0 (0.01 m) to 13 (200 m); 14 out of range, 15
	// unavailable.
	AltitudeConfidence uint8
}

// DeltaReferencePosition is a place relative to another one (TS 102 894-2).
type DeltaReferencePosition struct {
	DeltaLatitude  int32 // 1e-7 degrees, -131071..131072; 131072 unavailable
	DeltaLongitude int32 // 1e-7 degrees, -131071..131072; 131072 unavailable
	DeltaAltitude  int16 // 0.01 m, -12700..12800; 12800 unavailable
}

// Speed is a speed over ground (TS 102 894-2).
type Speed struct {
	SpeedValue      uint16 // 0.01 m/s, 0..16383; 16383 unavailable
	SpeedConfidence uint8  // 0.01 m/s, 1..127; 126 out of range, 127 unavailable
}

// Heading is a direction of movement, clockwise from north (TS 102 894-2).
type Heading struct {
	HeadingValue      uint16 // 0.1 degrees, 0..3601; 900 is east, 3601 unavailable
	HeadingConfidence uint8  // 0.1 degrees, 1..127; 126 out of range, 127 unavailable
}

var (
	spanLatitude             = newSpan("latitude", "Latitude", -900000000, 900000001)
	spanLongitude            = newSpan("longitude", "Longitude", -1800000000, 1800000001)
	spanSemiMajorConfidence  = newSpan("semiMajorConfidence", "SemiAxisLength", 0, 4095)
	spanSemiMinorConfidence  = newSpan("semiMinorConfidence", "SemiAxisLength", 0, 4095)
	spanSemiMajorOrientation = newSpan("semiMajorOrientation", "HeadingValue", 0, 3601)
	spanAltitudeValue        = newSpan("altitudeValue", "AltitudeValue", -100000, 800001)
	spanAltitudeConfidence   = newSpan("altitudeConfidence", "AltitudeConfidence", 0, 15)
	spanDeltaLatitude        = newSpan("deltaLatitude", "DeltaLatitude", -131071, 131072)
	spanDeltaLongitude       = newSpan("deltaLongitude", "DeltaLongitude", -131071, 131072)
	spanDeltaAltitude        = newSpan("deltaAltitude", "DeltaAltitude", -12700, 12800)
	spanSpeedValue           = newSpan("speedValue", "SpeedValue", 0, 16383)
	spanSpeedConfidence      = newSpan("speedConfidence", "SpeedConfidence", 1, 127)
	spanHeadingValue         = newSpan("headingValue", "HeadingValue", 0, 3601)
	spanHeadingConfidence    = newSpan("headingConfidence", "HeadingConfidence", 1, 127)
)

const (
	positionBits = 31 + 32 + 12 + 12 + 12 + 20 + 4
	deltaBits    = 18 + 18 + 15
)

func (c *coder) position(name string, p *ReferencePosition) {
	c.enter(name)
	number(c, &p.Latitude, spanLatitude)
	number(c, &p.Longitude, spanLongitude)
	c.enter("positionConfidenceEllipse")
	e := &p.PositionConfidenceEllipse
	number(c, &e.SemiMajorConfidence, spanSemiMajorConfidence)
	number(c, &e.SemiMinorConfidence, spanSemiMinorConfidence)
	number(c, &e.SemiMajorOrientation, spanSemiMajorOrientation)
	c.leave()
	c.enter("altitude")
	number(c, &p.Altitude.AltitudeValue, spanAltitudeValue)
	number(c, &p.Altitude.AltitudeConfidence, spanAltitudeConfidence)
	c.leave()
	c.leave()
}

func (c *coder) delta(name string, p *DeltaReferencePosition) {
	c.enter(name)
	number(c, &p.DeltaLatitude, spanDeltaLatitude)
	number(c, &p.DeltaLongitude, spanDeltaLongitude)
	number(c, &p.DeltaAltitude, spanDeltaAltitude)
	c.leave()
}

func (c *coder) speed(name string, s *Speed) {
	c.enter(name)
	number(c, &s.SpeedValue, spanSpeedValue)
	number(c, &s.SpeedConfidence, spanSpeedConfidence)
	c.leave()
}

func (c *coder) heading(name string, h *Heading) {
	c.enter(name)
	number(c, &h.HeadingValue, spanHeadingValue)
	number(c, &h.HeadingConfidence, spanHeadingConfidence)
	c.leave()
}
