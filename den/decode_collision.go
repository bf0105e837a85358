package den

import "strconv"

// ParseStationCollisions reads a StationCollisionArrayV1, the data of an event:
// an object with detectionTime and stations, or the array of stations alone,
// whose detection time is then the measurement time of the reference. It reads
// at most MaxMessageSize bytes; an error is a *[FieldError].
func ParseStationCollisions(data []byte) (*StationCollisions, error) {
	c := new(StationCollisions)
	err := read(data, func(r *reader) error { return intoCollisions(r, c) })
	if err == nil && c.DetectionTime == 0 {
		err = noDetectionTime()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func noDetectionTime() error { return &FieldError{Path: "detectionTime", Problem: "missing"} }

// intoCollisions leaves the detection time of a bare array of stations 0 where
// the reference does not tell it.
func intoCollisions(r *reader, c *StationCollisions) error {
	*c = StationCollisions{}
	if r.peek() == '[' {
		if err := intoStations(r, c); err != nil {
			return err
		}
		if len(c.Stations) > 0 {
			c.DetectionTime = c.Stations[0].MeasurementTime.Value
		}
	} else if err := collisionsKeys.read(r, c); err != nil {
		return err
	}
	if err := c.checkStations(); err != nil {
		return under(r.path(), err)
	}
	return nil
}

var collisionsKeys = newObject([]field[StationCollisions]{
	{"detectionTime", required, func(r *reader, c *StationCollisions) (err error) {
		c.DetectionTime, err = r.timestamp()
		return err
	}},
	{"stations", optional, intoStations},
	{"stationCollisions", optional, intoStations}, // another name of the same
})

// usualStationSize is how many bytes a station takes at least, as senders write it.
const usualStationSize = 600

func intoStations(r *reader, c *StationCollisions) error {
	if c.Stations != nil {
		return &FieldError{Path: r.path(), Problem: "lists the stations a second time"}
	}
	if err := r.open('['); err != nil {
		return err
	}
	c.Stations = make([]StationCollision, 0, min(max(r.left()/usualStationSize, 2), MaxStations))
	r.several = cap(c.Stations) > 2
	usual := r.plain // until one of them is not
	for r.more() {
		if len(c.Stations) == MaxStations {
			list := r.parentPath()
			return &FieldError{Path: list, Problem: "must list 2.." + strconv.Itoa(MaxStations) + " stations but lists more"}
		}
		c.Stations = append(c.Stations, StationCollision{})
		s := &c.Stations[len(c.Stations)-1]
		if usual = usual && r.usualStation(s); usual {
			continue
		}
		if err := stationKeys.read(r, s); err != nil {
			return err
		}
	}
	return r.close(']')
}

var stationKeys = newObject([]field[StationCollision]{
	{"stationId", required, func(r *reader, s *StationCollision) error { return intoInt(r, &s.StationID, spanStationID) }},
	{"objectId", optional, func(r *reader, s *StationCollision) error { return intoOptional(r, &s.ObjectID, spanObjectID) }},
	{"stationType", required, func(r *reader, s *StationCollision) error { return intoEnum(r, &s.StationType, participantTypes) }},
	{"measurementTime", optional, func(r *reader, s *StationCollision) error {
		t, err := r.timestamp()
		s.MeasurementTime = Some(t)
		return err
	}},
	{"position", required, func(r *reader, s *StationCollision) error { return intoPosition(r, &s.Position) }},
	{"speed", required, func(r *reader, s *StationCollision) error { return intoSpeed(r, &s.Speed) }},
	{"heading", required, func(r *reader, s *StationCollision) error { return intoHeading(r, &s.Heading) }},
	{"objectDimensionX", optional, func(r *reader, s *StationCollision) error { return intoDimension(r, &s.ObjectDimensionX) }},
	{"objectDimensionY", optional, func(r *reader, s *StationCollision) error { return intoDimension(r, &s.ObjectDimensionY) }},
	{"objectDimensionZ", optional, func(r *reader, s *StationCollision) error { return intoDimension(r, &s.ObjectDimensionZ) }},
	{"objectPerceptionQuality", optional, func(r *reader, s *StationCollision) error {
		return intoOptional(r, &s.ObjectPerceptionQuality, spanPerceptionQuality)
	}},
	{"timeToCollision", optional, intoTimeToCollision},
	{"collisionLatitude", optional, func(r *reader, s *StationCollision) error {
		s.CollisionLatitude.Valid = true
		return intoLatitude(r, &s.CollisionLatitude.Value)
	}},
	{"collisionLongitude", optional, func(r *reader, s *StationCollision) error {
		s.CollisionLongitude.Valid = true
		return intoLongitude(r, &s.CollisionLongitude.Value)
	}},
	{"impactSection", optional, func(r *reader, s *StationCollision) error {
		return intoOptionalEnum(r, &s.ImpactSection, objectFaces)
	}},
	{"estimatedBrakingDistance", optional, func(r *reader, s *StationCollision) error {
		return intoOptional(r, &s.EstimatedBrakingDistance, spanBrakingDistance)
	}},
})

// intoTimeToCollision clamps instead of refusing: a prediction of 0 ms or of a
// minute is a collision warning all the same, and the DENM cannot say more.
func intoTimeToCollision(r *reader, s *StationCollision) error {
	v, err := r.value()
	if err != nil {
		return err
	}
	n, ok := wholeNumber(v)
	if !ok {
		return r.fail("must be a whole number of milliseconds", v)
	}
	s.TimeToCollision = Some(uint16(spanTimeToCollision.clamp(n)))
	return nil
}
