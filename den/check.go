package den

import "strconv"

// A checker looks at values that a program has set, each at the path of its field, and keeps
// what is wrong with the first that is.
type checker struct{ err error }

func (c *checker) number(path string, n int64, s span) {
	if c.err == nil && !s.holds(n) {
		c.err = s.error(path, n)
	}
}

func checkOptional[I integer](c *checker, path string, n Optional[I], s span) {
	if n.Valid {
		c.number(path, int64(n.Value), s)
	}
}

// quantity looks at a value and its confidence.
func (c *checker) quantity(path string, value int64, confidence Optional[uint8], values, confidences span) {
	c.number(path+".value", value, values)
	checkOptional(c, path+".confidence", confidence, confidences)
}

func (c *checker) dimension(path string, d Optional[ObjectDimension]) {
	if d.Valid {
		c.quantity(path, int64(d.Value.Value), d.Value.Confidence, spanDimensionValue, spanDimensionConfidence)
	}
}

// checkEnum looks for a code that ETSI does not define.
func checkEnum[T ~uint8](c *checker, path string, v Optional[T], e *enum) {
	if _, known := e.lookup(uint8(v.Value)); c.err == nil && v.Valid && !known {
		c.err = &FieldError{Path: path, Problem: e.want + " but is " + strconv.Itoa(int(v.Value))}
	}
}

// inRange reports whether the checker finds nothing wrong with the station. Every array is
// looked at, and this takes a third of the time.
func (s *StationCollision) inRange() bool {
	p, ellipse := &s.Position, &s.Position.PositionConfidence
	_, knownType := participantTypes.lookup(uint8(s.StationType))
	_, knownFace := objectFaces.lookup(uint8(s.ImpactSection.Value))
	return knownType && (knownFace || !s.ImpactSection.Valid) &&
		(s.MeasurementTime.Value.inRange() || !s.MeasurementTime.Valid) &&
		spanLatitude.holds(int64(p.Latitude)) && spanLongitude.holds(int64(p.Longitude)) &&
		spanSemiAxisLength.holds(int64(ellipse.SemiMajorAxisLength)) &&
		spanSemiAxisLength.holds(int64(ellipse.SemiMinorAxisLength)) &&
		spanHeadingValue.holds(int64(ellipse.SemiMajorAxisOrientation)) &&
		spanAltitudeValue.holds(int64(p.Altitude.Value)) && holdsOptional(spanAltitudeConfidence, p.Altitude.Confidence) &&
		spanSpeedValue.holds(int64(s.Speed.Value)) && holdsOptional(spanConfidence, s.Speed.Confidence) &&
		spanHeadingValue.holds(int64(s.Heading.Value)) && holdsOptional(spanConfidence, s.Heading.Confidence) &&
		holdsDimension(&s.ObjectDimensionX) && holdsDimension(&s.ObjectDimensionY) && holdsDimension(&s.ObjectDimensionZ) &&
		holdsOptional(spanPerceptionQuality, s.ObjectPerceptionQuality) &&
		holdsOptional(spanTimeToCollision, s.TimeToCollision) &&
		holdsOptional(spanLatitude, s.CollisionLatitude) && holdsOptional(spanLongitude, s.CollisionLongitude) &&
		holdsOptional(spanBrakingDistance, s.EstimatedBrakingDistance)
}

func holdsOptional[I integer](s span, n Optional[I]) bool { return !n.Valid || s.holds(int64(n.Value)) }

func holdsDimension(d *Optional[ObjectDimension]) bool {
	return !d.Valid || spanDimensionValue.holds(int64(d.Value.Value)) && holdsOptional(spanDimensionConfidence, d.Value.Confidence)
}

func (c *checker) station(s *StationCollision) {
	if t := s.MeasurementTime; t.Valid && !t.Value.inRange() {
		c.err = &FieldError{Path: "measurementTime", Problem: "must be a time from 2004 to 2143 but is " + t.Value.String()}
	}
	checkEnum(c, "stationType", Some(s.StationType), participantTypes)
	c.number("position.latitude", int64(s.Position.Latitude), spanLatitude)
	c.number("position.longitude", int64(s.Position.Longitude), spanLongitude)
	e := &s.Position.PositionConfidence
	c.number("position.positionConfidence.semiMajorAxisLengthConfidence", int64(e.SemiMajorAxisLength), spanSemiAxisLength)
	c.number("position.positionConfidence.semiMinorAxisLengthConfidence", int64(e.SemiMinorAxisLength), spanSemiAxisLength)
	c.number("position.positionConfidence.semiMajorAxisOrientation", int64(e.SemiMajorAxisOrientation), spanHeadingValue)
	c.quantity("position.altitude", int64(s.Position.Altitude.Value), s.Position.Altitude.Confidence, spanAltitudeValue, spanAltitudeConfidence)
	c.quantity("speed", int64(s.Speed.Value), s.Speed.Confidence, spanSpeedValue, spanConfidence)
	c.quantity("heading", int64(s.Heading.Value), s.Heading.Confidence, spanHeadingValue, spanConfidence)
	c.dimension("objectDimensionX", s.ObjectDimensionX)
	c.dimension("objectDimensionY", s.ObjectDimensionY)
	c.dimension("objectDimensionZ", s.ObjectDimensionZ)
	checkOptional(c, "objectPerceptionQuality", s.ObjectPerceptionQuality, spanPerceptionQuality)
	checkOptional(c, "timeToCollision", s.TimeToCollision, spanTimeToCollision)
	checkOptional(c, "collisionLatitude", s.CollisionLatitude, spanLatitude)
	checkOptional(c, "collisionLongitude", s.CollisionLongitude, spanLongitude)
	checkEnum(c, "impactSection", s.ImpactSection, objectFaces)
	checkOptional(c, "estimatedBrakingDistance", s.EstimatedBrakingDistance, spanBrakingDistance)
}
