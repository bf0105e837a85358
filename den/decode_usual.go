package den

import (
	"bytes"
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

// usualStation reads the station that comes next if it stands there in its form: in half
// of the time that it takes key by key. Otherwise it reads nothing.
func (r *reader) usualStation(s *StationCollision) bool {
	style := &compact
	rest := behind(r.scan.text, r.scan.pos, compact.station[0])
	if len(rest) > 0 && rest[0] == ' ' {
		style, rest = &spaced, rest[1:]
	}
	if rest = r.intoUsualStation(rest, style, s); rest == nil {
		*s = StationCollision{}
		return false
	}
	r.scan.pos = len(r.scan.text) - len(rest)
	return true
}

// intoUsualStation reads the values of a station, and returns what is left of rest. Like all
// functions below, which read one value and what stands behind it, it returns nil if
// something was not as it should be, and also if it is given nil.
func (r *reader) intoUsualStation(rest []byte, style *style, s *StationCollision) []byte {
	f := style.station
	s.StationID, rest = number[StationID](rest, f[1], spanStationID)
	var what subject
	what, rest = r.usualSubject(rest, f)
	s.ObjectID, s.StationType = what.object, what.kind
	var now state
	now, rest = r.usualState(rest, style, s.StationID+StationID(what.object.Value), what.kind)
	s.MeasurementTime, s.Position, s.Speed, s.Heading = now.measured, now.position, now.speed, now.heading
	s.ObjectDimensionX, s.ObjectDimensionY, s.ObjectDimensionZ = now.extent.x, now.extent.y, now.extent.z
	s.ObjectPerceptionQuality = now.extent.quality
	s.TimeToCollision, rest = optionalTimeToCollision(rest, f[20])
	s.CollisionLatitude, rest = optionalDegrees[Latitude](rest, f[21], spanLatitude)
	s.CollisionLongitude, rest = optionalDegrees[Longitude](rest, f[22], spanLongitude)
	s.ImpactSection, rest = optionalName[ObjectFace](rest, f[23], objectFaces)
	s.EstimatedBrakingDistance, rest = optionalNumber[uint16](rest, f[24], spanBrakingDistance)
	return rest
}

// usualSubject reads what stands from f[1] to f[3].
func (r *reader) usualSubject(rest []byte, f form) (s subject, _ []byte) {
	if s, behind := r.subject.again(rest); behind != nil {
		return s, behind
	}
	whole := rest
	s.object, rest = optionalNumber[ObjectID](rest, f[2], spanObjectID)
	s.kind, rest = name[TrafficParticipantType](rest, f[3], participantTypes)
	r.subject.remember(whole, rest, s)
	return s, rest
}

// usualState reads what stands from f[3] to f[19] of the station with that id, and of that type.
func (r *reader) usualState(rest []byte, style *style, id StationID, t TrafficParticipantType) (s state, _ []byte) {
	if !r.several { // it hardly stands in another array, and to remember it takes time
		return r.newState(rest, style, t)
	}
	last := &r.states[id%StationID(len(r.states))]
	if s, behind := last.again(rest); behind != nil {
		return s, behind
	}
	s, behind := r.newState(rest, style, t)
	last.remember(rest, behind, s)
	return s, behind
}

// newState reads it without a look at what was read before.
func (r *reader) newState(rest []byte, style *style, t TrafficParticipantType) (s state, _ []byte) {
	f := style.station
	s.measured, rest = optionalTime(rest, f[4], &r.second)
	p := &s.position
	p.Latitude, rest = degrees[Latitude](rest, f[5], spanLatitude)
	p.Longitude, rest = degrees[Longitude](rest, f[6], spanLongitude)
	var sure sureness
	sure, rest = r.usualSureness(rest, f)
	p.PositionConfidence, p.Altitude = sure.ellipse, sure.altitude
	s.speed.Value, rest = number[uint16](rest, f[12], spanSpeedValue)
	s.speed.Confidence, rest = optionalNumber[uint8](rest, f[13], spanConfidence)
	s.heading.Value, rest = number[uint16](rest, f[14], spanHeadingValue)
	s.heading.Confidence, rest = optionalNumber[uint8](rest, f[15], spanConfidence)
	s.extent, rest = r.usualExtent(rest, style, t)
	return s, rest
}

// usualSureness reads what stands from f[6] to f[11].
func (r *reader) usualSureness(rest []byte, f form) (s sureness, _ []byte) {
	if s, behind := r.sureness.again(rest); behind != nil {
		return s, behind
	}
	whole := rest
	s.ellipse.SemiMajorAxisLength, rest = number[uint16](rest, f[7], spanSemiAxisLength)
	s.ellipse.SemiMinorAxisLength, rest = number[uint16](rest, f[8], spanSemiAxisLength)
	s.ellipse.SemiMajorAxisOrientation, rest = number[uint16](rest, f[9], spanHeadingValue)
	s.altitude.Value, rest = altitude(rest, f[10])
	s.altitude.Confidence, rest = optionalNumber[uint8](rest, f[11], spanAltitudeConfidence)
	r.sureness.remember(whole, rest, s)
	return s, rest
}

// usualExtent reads what stands from f[15] to f[19] of a station of that type.
func (r *reader) usualExtent(rest []byte, style *style, t TrafficParticipantType) (e extent, _ []byte) {
	last := &r.extents[t%TrafficParticipantType(len(r.extents))]
	if e, behind := last.again(rest); behind != nil {
		return e, behind
	}
	whole, f, d := rest, style.station, style.dimension
	e.x, rest = optionalDimension(rest, f[16], d)
	e.y, rest = optionalDimension(rest, f[17], d)
	e.z, rest = optionalDimension(rest, f[18], d)
	e.quality, rest = optionalNumber[uint8](rest, f[19], spanPerceptionQuality)
	last.remember(whole, rest, e)
	return e, rest
}

// behind returns what is left of rest behind the text with which it should go on there.
func behind(rest []byte, at int, text string) []byte {
	end := at + len(text)
	if end > len(rest) || string(rest[at:end]) != text {
		return nil
	}
	return rest[end:]
}

// null is how long a null is that comes next, 0 if there is none.
func null(rest []byte) int {
	if len(rest) > len("null") && string(rest[:len("null")]) == "null" {
		return len("null")
	}
	return 0
}

// number reads a number without a sign.
func number[I integer](rest []byte, next string, s span) (I, []byte) {
	n, end := digitsAt(rest, 0)
	if end == 0 || end > maxDigits || !s.holds(n) {
		return 0, nil
	}
	return I(n), behind(rest, end, next)
}

func altitude(rest []byte, next string) (int32, []byte) {
	n, end, ok := integerAt(rest, 0)
	if !ok || !spanAltitudeValue.holds(n) {
		return 0, nil
	}
	return int32(n), behind(rest, end, next)
}

func optionalNumber[I integer](rest []byte, next string, s span) (o Optional[I], _ []byte) {
	if n := null(rest); n > 0 {
		return o, behind(rest, n, next)
	}
	o.Valid = true
	o.Value, rest = number[I](rest, next, s)
	return o, rest
}

// optionalTimeToCollision clamps as intoTimeToCollision does.
func optionalTimeToCollision(rest []byte, next string) (o Optional[uint16], _ []byte) {
	if n := null(rest); n > 0 {
		return o, behind(rest, n, next)
	}
	n, end, ok := integerAt(rest, 0)
	if !ok {
		return o, nil
	}
	return Some(uint16(spanTimeToCollision.clamp(n))), behind(rest, end, next)
}

func degrees[L Latitude | Longitude](rest []byte, next string, s span) (L, []byte) {
	e7, end, ok := degreesAt(rest, 0)
	if !ok || !s.holds(e7) {
		return 0, nil
	}
	return L(e7), behind(rest, end, next)
}

func optionalDegrees[L Latitude | Longitude](rest []byte, next string, s span) (o Optional[L], _ []byte) {
	if n := null(rest); n > 0 {
		return o, behind(rest, n, next)
	}
	o.Valid = true
	o.Value, rest = degrees[L](rest, next, s)
	return o, rest
}

// maxName is how long a name is at most, with a quotation mark. No enumeration has one that
// is longer.
const maxName = 64

func name[T ~uint8](rest []byte, next string, e *enum) (T, []byte) {
	if len(rest) == 0 || rest[0] != '"' {
		return 0, nil
	}
	end := bytes.IndexByte(rest[1:min(len(rest), maxName)], '"') + 1
	if end == 0 {
		return 0, nil
	}
	code, ok := e.parseUsual(rest[1:end])
	if !ok {
		return 0, nil
	}
	return T(code), behind(rest, end+1, next)
}

func optionalName[T ~uint8](rest []byte, next string, e *enum) (o Optional[T], _ []byte) {
	if n := null(rest); n > 0 {
		return o, behind(rest, n, next)
	}
	o.Valid = true
	o.Value, rest = name[T](rest, next, e)
	return o, rest
}

func optionalTime(rest []byte, next string, last *second) (o Optional[Timestamp], _ []byte) {
	if n := null(rest); n > 0 {
		return o, behind(rest, n, next)
	}
	const end = len(`"2026-03-02T09:15:21.400Z"`)
	if len(rest) < end || rest[0] != '"' || rest[end-1] != '"' {
		return o, nil
	}
	t, ok := usualTime(rest[1:end-1], last)
	if !ok || !t.inRange() {
		return o, nil
	}
	return Some(t), behind(rest, end, next)
}

func optionalDimension(rest []byte, next string, f form) (o Optional[ObjectDimension], _ []byte) {
	if n := null(rest); n > 0 {
		return o, behind(rest, n, next)
	}
	o.Valid = true
	rest = behind(rest, 0, f[0])
	o.Value.Value, rest = number[uint16](rest, f[1], spanDimensionValue)
	o.Value.Confidence, rest = optionalNumber[uint8](rest, f[2], spanDimensionConfidence)
	return o, behind(rest, 0, next)
}
