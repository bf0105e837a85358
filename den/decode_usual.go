package den

import (
	"math"
	"strings"
)

// A form is the text around the values of an object as nearly all senders write it, with all
// keys and in this order: first what stands before the first value, and so on.
type form []string

// In these texts a # stands for a value. A dimension is a value of the station, too.
const (
	stationText = `{"stationId":#,"objectId":#,"stationType":#,"measurementTime":#,` +
		`"position":{"latitude":#,"longitude":#,"positionConfidence":{"semiMajorAxisLengthConfidence":#,` +
		`"semiMinorAxisLengthConfidence":#,"semiMajorAxisOrientation":#},"altitude":{"value":#,"confidence":#}},` +
		`"speed":{"value":#,"confidence":#},"heading":{"value":#,"confidence":#},` +
		`"objectDimensionX":#,"objectDimensionY":#,"objectDimensionZ":#,"objectPerceptionQuality":#,` +
		`"timeToCollision":#,"collisionLatitude":#,"collisionLongitude":#,"impactSection":#,"estimatedBrakingDistance":#}`
	dimensionText = `{"value":#,"confidence":#}`
)

// A style is one of the two ways in which programs put spaces into JSON.
type style struct{ station, dimension form }

var compact, spaced = newStyle(strings.NewReplacer()), newStyle(strings.NewReplacer(`":`, `": `, `,"`, `, "`))

func newStyle(r *strings.Replacer) style {
	return style{
		station:   strings.Split(r.Replace(stationText), "#"),
		dimension: strings.Split(r.Replace(dimensionText), "#"),
	}
}

// usualStation reads the station that comes next if it stands there in its form: in two
// thirds of the time that it takes key by key. Otherwise it reads nothing.
func (r *reader) usualStation(s *StationCollision) bool {
	start := r.scan.pos
	b := blanks{scan: &r.scan, second: &r.second, style: &spaced, next: 1, ok: true}
	if !r.scan.literal(spaced.station[0]) { // which begins as the compact one does
		if b.style = &compact; !r.scan.literal(compact.station[0]) {
			return false
		}
	}
	b.form = b.style.station
	b.station(s)
	if !b.ok {
		r.scan.pos = start
		*s = StationCollision{}
	}
	return b.ok
}

// blanks reads the values that stand in the blanks of a form, one after the other. When one
// of them, or what stands behind it, is not as it should be, the rest is of no use.
type blanks struct {
	scan   *scanner
	second *second
	style  *style
	form   form
	next   int // what of the form stands behind the value
	ok     bool
}

func (b *blanks) station(s *StationCollision) {
	s.StationID = StationID(b.integer(spanStationID))
	s.ObjectID = optionalBlank[ObjectID](b, spanObjectID)
	s.StationType = TrafficParticipantType(b.enum(participantTypes))
	if !b.null() {
		s.MeasurementTime = Some(b.time())
	}
	p := &s.Position
	p.Latitude = Latitude(b.degrees(spanLatitude))
	p.Longitude = Longitude(b.degrees(spanLongitude))
	p.PositionConfidence.SemiMajorAxisLength = uint16(b.integer(spanSemiAxisLength))
	p.PositionConfidence.SemiMinorAxisLength = uint16(b.integer(spanSemiAxisLength))
	p.PositionConfidence.SemiMajorAxisOrientation = uint16(b.integer(spanHeadingValue))
	p.Altitude.Value = int32(b.integer(spanAltitudeValue))
	p.Altitude.Confidence = optionalBlank[uint8](b, spanAltitudeConfidence)
	s.Speed.Value = uint16(b.integer(spanSpeedValue))
	s.Speed.Confidence = optionalBlank[uint8](b, spanConfidence)
	s.Heading.Value = uint16(b.integer(spanHeadingValue))
	s.Heading.Confidence = optionalBlank[uint8](b, spanConfidence)
	s.ObjectDimensionX = b.dimension()
	s.ObjectDimensionY = b.dimension()
	s.ObjectDimensionZ = b.dimension()
	s.ObjectPerceptionQuality = optionalBlank[uint8](b, spanPerceptionQuality)
	if !b.null() {
		s.TimeToCollision = Some(uint16(spanTimeToCollision.clamp(b.integer(anyNumber))))
	}
	if !b.null() {
		s.CollisionLatitude = Some(Latitude(b.degrees(spanLatitude)))
	}
	if !b.null() {
		s.CollisionLongitude = Some(Longitude(b.degrees(spanLongitude)))
	}
	if !b.null() {
		s.ImpactSection = Some(ObjectFace(b.enum(objectFaces)))
	}
	s.EstimatedBrakingDistance = optionalBlank[uint16](b, spanBrakingDistance)
}

func (b *blanks) dimension() (d Optional[ObjectDimension]) {
	if b.null() {
		return d
	}
	form, next := b.form, b.next
	b.form, b.next = b.style.dimension, 0
	b.then(true)
	d.Valid = true
	d.Value.Value = uint16(b.integer(spanDimensionValue))
	d.Value.Confidence = optionalBlank[uint8](b, spanDimensionConfidence)
	b.form, b.next = form, next
	b.then(true)
	return d
}

// then goes on behind a value, if that was as it should be.
func (b *blanks) then(ok bool) {
	if !ok || !b.scan.literal(b.form[b.next]) {
		b.ok = false
	}
	b.next++
}

// null reads a null if there is one.
func (b *blanks) null() bool {
	if b.scan.at() != 'n' {
		return false
	}
	b.then(b.scan.literal("null"))
	return true
}

// anyNumber is the span of what is clamped and not refused.
var anyNumber = span{math.MinInt64, math.MaxInt64}

func (b *blanks) integer(s span) int64 {
	n, ok := b.scan.integer()
	b.then(ok && s.holds(n))
	return n
}

func optionalBlank[I integer](b *blanks, s span) Optional[I] {
	if b.null() {
		return Optional[I]{}
	}
	return Some(I(b.integer(s)))
}

func (b *blanks) degrees(s span) int64 {
	e7, ok := b.scan.degrees()
	b.then(ok && s.holds(e7))
	return e7
}

func (b *blanks) time() (t Timestamp) {
	text, ok := b.quoted()
	if ok {
		t, ok = usualTime(text, b.second)
	}
	b.then(ok && t.inRange())
	return t
}

func (b *blanks) enum(e *enum) (code uint8) {
	text, ok := b.quoted()
	if ok {
		code, ok = e.parseUsual(text)
	}
	b.then(ok)
	return code
}

// quoted reads a string and returns what is in it.
func (b *blanks) quoted() (text []byte, ok bool) {
	if start := b.scan.pos + 1; b.scan.at() == '"' && b.scan.str() {
		return b.scan.text[start : b.scan.pos-1], true
	}
	return nil, false
}
