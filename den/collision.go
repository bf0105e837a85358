package den

import "strconv"

// MaxStations is the most stations that one collision array may list. It bounds
// what a single message can make the service do and publish.
const MaxStations = 256

// StationCollisions is the prediction that stations are about to collide:
// StationCollisionArrayV1 on the wire. The first station is the reference; each
// of the others is on collision course with it, so k+1 stations make k DENMs.
//
// The fields of this message are this module's own definition; see the package
// comment.
type StationCollisions struct {
	// DetectionTime is when the collisions were predicted.
	DetectionTime Timestamp
	// Stations holds 2..MaxStations stations, each pair of station and object
	// id once.
	Stations []StationCollision
}

// StationCollision is one station of a collision array, or an object that a
// station perceives.
//
// In JSON stationId, stationType, position, speed and heading must be there, and
// for a target timeToCollision and the collision point; everything else may be
// missing or null. A program that does not know the speed or heading says so with
// UnknownSpeed and UnknownHeading, and makes the position with PositionAt: zero
// values are values.
type StationCollision struct {
	StationID StationID
	// ObjectID names an object that the station perceives; 0 and absent both
	// mean the station itself.
	ObjectID    Optional[ObjectID]
	StationType TrafficParticipantType
	// MeasurementTime is when position, speed and heading were true; absent
	// means at the detection time.
	MeasurementTime  Optional[Timestamp]
	Position         ReferencePosition
	Speed            Speed
	Heading          Heading
	ObjectDimensionX Optional[ObjectDimension] // length
	ObjectDimensionY Optional[ObjectDimension] // width
	ObjectDimensionZ Optional[ObjectDimension] // height
	// ObjectPerceptionQuality is 0..15, 15 best.
	ObjectPerceptionQuality Optional[uint8]
	// TimeToCollision with the reference, in ms, 1..10000; a number beyond these
	// ends is read as the nearer one. Every station but the reference has one, and
	// a collision point.
	TimeToCollision    Optional[uint16]
	CollisionLatitude  Optional[Latitude]
	CollisionLongitude Optional[Longitude]
	// ImpactSection is the side of this station that is hit.
	ImpactSection Optional[ObjectFace]
	// EstimatedBrakingDistance is in 0.1 m, 0..4095.
	EstimatedBrakingDistance Optional[uint16]
}

// Validate reports the first thing that is wrong with an array that a program
// made, as a *[FieldError]. A decoded array is always valid.
func (c *StationCollisions) Validate() error {
	if c == nil {
		return problem("there is no collision array")
	}
	if !c.DetectionTime.inRange() {
		return &FieldError{Path: "detectionTime", Problem: "must be a time from 2004 to 2143 but is " + c.DetectionTime.String()}
	}
	for i := range c.Stations {
		if c.Stations[i].inRange() {
			continue
		}
		var check checker
		if check.station(&c.Stations[i]); check.err != nil {
			return under("stations", underIndex(i, check.err))
		}
	}
	return c.checkStations()
}

// checkStations holds what no single field can tell.
func (c *StationCollisions) checkStations() error {
	if c.Stations == nil {
		return &FieldError{Path: "stations", Problem: "missing"}
	}
	if n := len(c.Stations); n < 2 || n > MaxStations {
		return &FieldError{Path: "stations", Problem: "must list 2.." + strconv.Itoa(MaxStations) + " stations but lists " + strconv.Itoa(n)}
	}
	for i := range c.Stations[1:] {
		if err := c.Stations[i+1].checkTarget(); err != nil {
			return under("stations", underIndex(i+1, err))
		}
	}
	if i, j := c.twice(); j > 0 {
		return under("stations", underIndex(j, problem("is the same station and object as stations["+strconv.Itoa(i)+"]")))
	}
	return nil
}

func (s *StationCollision) checkTarget() error {
	if s.TimeToCollision.Valid && s.CollisionLatitude.Valid && s.CollisionLongitude.Valid {
		return nil
	}
	for _, f := range [...]struct {
		name  string
		valid bool
	}{
		{"timeToCollision", s.TimeToCollision.Valid},
		{"collisionLatitude", s.CollisionLatitude.Valid},
		{"collisionLongitude", s.CollisionLongitude.Valid},
	} {
		if !f.valid {
			return &FieldError{Path: f.name, Problem: "missing; only the first station, the reference, may leave it out"}
		}
	}
	return nil
}

// twice returns the indices of two entries for one object, or 0, 0. An entry is compared
// with those before it only where one of them has the same bit.
func (c *StationCollisions) twice() (int, int) {
	var bits uint64
	for j := range c.Stations {
		b := &c.Stations[j]
		bit := uint64(1) << ((uint32(b.StationID) + uint32(b.ObjectID.Or(0))) % 64)
		if bits&bit == 0 {
			bits |= bit
			continue
		}
		for i := range c.Stations[:j] {
			if a := &c.Stations[i]; a.StationID == b.StationID && a.ObjectID.Or(0) == b.ObjectID.Or(0) {
				return i, j
			}
		}
	}
	return 0, 0
}
