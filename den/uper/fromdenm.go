package uper

import "github.com/step-its/producer/den"

// FromDENM tells a DENM of this module in ETSI's terms. The error is a
// *[ValueError]: a time that is not set, which happens where [den.ParseDENM] reads
// the end of an event of which only the action id was readable; or in release 2 a
// DENM without a situation. Numbers that a program set outside their range are found
// by Marshal.
//
//   - A DENM that ends its event becomes a message with nothing but management, as
//     ETSI demands, whatever else d has.
//   - AwarenessDistance becomes the smallest class that covers it.
//   - The sub cause is what [SubCause] finds.
//   - Traces are one without points, since there must be one and none is known.
//   - PreCrash becomes preCrash in release 2 and is lost in release 1. The place of
//     the object becomes an offset from the event position; beyond 1310 m the
//     coordinate says "out of range". Speed and Heading become a polar velocity.
//   - ReferenceStationID, ReferenceObjectID and the estimated place of the collision
//     are lost: they are additions to ETSI's message.
//   - Confidences that are absent become unavailable. Values that release 2 no
//     longer allows become what they mean: a heading of 3600 becomes 0, a
//     confidence of 0 becomes 1, the longitude -180 degrees becomes 180.
//
// The result shares nothing with d.
func FromDENM(d *den.DENM, p Profile) (*DENM, error) {
	if d == nil {
		return nil, &ValueError{Problem: "there is no DENM"}
	}
	m := &struct {
		denm      DENM
		situation Situation
		location  Location
		traces    [1]PathHistory
	}{}
	e := &m.denm
	e.Header = Header{ProtocolVersion: 2, MessageID: 1, StationID: d.StationID}
	if err := p.fromManagement(&e.Management, &d.Management); err != nil {
		return nil, err
	}
	if d.Management.Termination.Valid {
		return e, nil
	}
	if s, ok := d.Situation.Get(); ok {
		m.situation = Situation{
			InformationQuality: s.InformationQuality.Or(0),
			EventType: CauseCode{
				CauseCode:    uint8(s.EventType),
				SubCauseCode: SubCause(d, p.Release, p.participant(d)),
			},
		}
		e.Situation = &m.situation
	}
	if d.Situation.Valid || d.Location.Valid {
		m.location.Traces = m.traces[:]
		p.fromLocation(&m.location, d.Location.Or(den.Location{}))
		e.Location = &m.location
	}
	if p.Release == R2 && d.PreCrash.Valid {
		a := &struct {
			alacarte Alacarte
			preCrash PreCrash
		}{}
		a.preCrash = p.fromPreCrash(d)
		a.alacarte.PreCrash = &a.preCrash
		e.Alacarte = &a.alacarte
	}
	if err := e.Validate(p.Release); err != nil {
		return nil, err
	}
	return e, nil
}

func (p Profile) fromManagement(e *Management, m *den.Management) (err error) {
	*e = Management{
		ActionID:                  m.ActionID,
		Termination:               m.Termination,
		EventPosition:             p.fromPosition(m.EventPosition),
		RelevanceDistance:         distanceClass(m.AwarenessDistance),
		RelevanceTrafficDirection: m.TrafficDirection,
		ValidityDuration:          m.ValidityDuration.Or(DefaultValidityDuration),
		TransmissionInterval:      m.TransmissionInterval,
		StationType:               uint8(m.StationType),
	}
	if e.DetectionTime, err = p.timestampIts(m.DetectionTime); err != nil {
		return &ValueError{"management.detectionTime", err.Error()}
	}
	if e.ReferenceTime, err = p.timestampIts(m.ReferenceTime); err != nil {
		return &ValueError{"management.referenceTime", err.Error()}
	}
	return nil
}

func (p Profile) fromPosition(r den.ReferencePosition) ReferencePosition {
	e := ReferencePosition{
		Latitude:  int32(r.Latitude),
		Longitude: int32(r.Longitude),
		PositionConfidenceEllipse: PosConfidenceEllipse{
			SemiMajorConfidence:  r.PositionConfidence.SemiMajorAxisLength,
			SemiMinorConfidence:  r.PositionConfidence.SemiMinorAxisLength,
			SemiMajorOrientation: p.fromAngle(r.PositionConfidence.SemiMajorAxisOrientation),
		},
		Altitude: Altitude{
			AltitudeValue:      r.Altitude.Value,
			AltitudeConfidence: r.Altitude.Confidence.Or(UnavailableAltitudeConfidence),
		},
	}
	if p.Release == R2 {
		c := &e.PositionConfidenceEllipse
		c.SemiMajorConfidence, c.SemiMinorConfidence = max(c.SemiMajorConfidence, 1), max(c.SemiMinorConfidence, 1)
		if e.Longitude == -180e7 {
			e.Longitude = 180e7
		}
	}
	return e
}

// fromAngle returns an angle from north; release 2 says 0 for 3600.
func (p Profile) fromAngle(v uint16) uint16 {
	if p.Release == R2 && v == 3600 {
		return 0
	}
	return v
}

func (p Profile) fromLocation(e *Location, l den.Location) {
	e.EventSpeed.Valid = l.EventSpeed.Valid
	if l.EventSpeed.Valid {
		e.EventSpeed.Value = fromSpeed(l.EventSpeed.Value)
	}
	e.EventPositionHeading.Valid = l.EventPositionHeading.Valid
	if h := l.EventPositionHeading; h.Valid {
		e.EventPositionHeading.Value = Heading{p.fromAngle(h.Value.Value), h.Value.Confidence.Or(UnavailableConfidence)}
	}
	e.RoadType = l.RoadType
}

func fromSpeed(s den.Speed) Speed { return Speed{s.Value, s.Confidence.Or(UnavailableConfidence)} }

func (p Profile) fromPreCrash(d *den.DENM) PreCrash {
	crash := &d.PreCrash.Value
	o := &crash.PerceivedObject
	e := PreCrash{
		PerceivedPreCrashObject: PerceivedObject{
			MeasurementDeltaTime:    o.MeasurementDeltaTime,
			Position:                offset(d.Management.EventPosition, o.Position),
			Velocity:                fromVelocity(o.Speed, o.Heading),
			ObjectDimensionZ:        fromDimension(o.ObjectDimensionZ),
			ObjectDimensionY:        fromDimension(o.ObjectDimensionY),
			ObjectDimensionX:        fromDimension(o.ObjectDimensionX),
			ObjectPerceptionQuality: o.ObjectPerceptionQuality,
			Classification:          classify(p.participant(d)),
		},
		ObjectStationID:          crash.StationIDInvolved,
		TimeToCollision:          crash.TimeToCollision,
		ImpactSection:            crash.ImpactSection,
		EstimatedBrakingDistance: crash.EstimatedBrakingDistance,
	}
	if o.ObjectID.Valid {
		e.PerceivedPreCrashObject.ObjectID = den.Some(uint16(o.ObjectID.Value))
	}
	return e
}

// fromVelocity returns the polar velocity of an object whose speed or heading is
// known.
func fromVelocity(s den.Optional[den.Speed], h den.Optional[den.Heading]) den.Optional[Velocity] {
	if !s.Valid && !h.Valid {
		return den.Optional[Velocity]{}
	}
	v := Velocity{Magnitude: fromSpeed(s.Or(den.UnknownSpeed()))}
	heading := h.Or(den.UnknownHeading())
	v.Direction = Angle{turned(heading.Value), heading.Confidence.Or(UnavailableConfidence)}
	return den.Some(v)
}

// turned converts a direction between clockwise from north and counter-clockwise
// from east; both ways it is the same.
func turned(direction uint16) uint16 {
	if direction >= UnavailableAngle {
		return direction
	}
	return (900 + 3600 - direction%3600) % 3600
}

func fromDimension(d den.Optional[den.ObjectDimension]) den.Optional[ObjectDimension] {
	if !d.Valid {
		return den.Optional[ObjectDimension]{}
	}
	const unavailable = 32
	return den.Some(ObjectDimension{d.Value.Value, d.Value.Confidence.Or(unavailable)})
}

// classify returns the class of a traffic participant.
func classify(t den.TrafficParticipantType) []ObjectClass {
	class := ObjectClass{Kind: KindVRU, Confidence: 101}
	switch t {
	case den.TypeUnknown, den.TypeRoadSideUnit:
		return nil
	case den.TypePedestrian:
	case den.TypeCyclist, den.TypeLightVruVehicle:
		class.VRUProfile = 1
	case den.TypeMoped:
		class.VRUProfile, class.SubClass = 2, 1
	case den.TypeMotorcycle:
		class.VRUProfile, class.SubClass = 2, 2
	case den.TypeAnimal:
		class.VRUProfile = 3
	default:
		if t > den.TypeRoadSideUnit {
			return nil // reserved
		}
		class.Kind, class.SubClass = KindVehicle, uint8(t)
	}
	return []ObjectClass{class}
}
