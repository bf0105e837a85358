package uper

import (
	"math"

	"github.com/step-its/producer/den"
)

// ToDENM tells the message in the terms of this module. The error is a
// *[ValueError]: an event position that is unavailable, a station type or cause
// code that ETSI reserves, a perceived object that is too far away for its
// coordinates. Both releases are read the same way; p says how times are meant.
//
//   - Of a message that ends an event only management is taken.
//   - A class of distances becomes the longest distance in it; the class above 10 km
//     becomes 10 km.
//   - The place of a perceived object becomes an absolute one, to a centimetre or
//     two. A velocity becomes Speed and Heading.
//   - Confidences that are unavailable become absent, and so does an information
//     quality of 0.
//   - Lost are the sub cause, linked causes and DENMs, the history and the end of the
//     event, traces, everything in alacarte but preCrash, and of the perceived object
//     what den.PerceivedObject does not have.
//
// The result shares nothing with d. Of a message that Unmarshal returned it is what
// [den.ParseDENM] accepts once it is written.
func (d *DENM) ToDENM(p Profile) (*den.DENM, error) {
	if d == nil {
		return nil, &ValueError{Problem: "there is no DENM"}
	}
	m := &den.DENM{StationID: d.Header.StationID}
	if err := p.toManagement(&m.Management, &d.Management); err != nil {
		return nil, err
	}
	if m.Management.Termination.Valid {
		return m, nil
	}
	if d.Situation != nil {
		cause := den.CauseCode(d.Situation.EventType.CauseCode)
		if _, err := cause.MarshalText(); err != nil {
			return nil, &ValueError{"situation.eventType.causeCode", err.Error()}
		}
		m.Situation = den.Some(den.Situation{EventType: cause})
		if q := d.Situation.InformationQuality; q > 0 {
			m.Situation.Value.InformationQuality = den.Some(q)
		}
	}
	if l := d.Location; l != nil {
		m.Location = den.Some(den.Location{RoadType: l.RoadType})
		if l.EventSpeed.Valid {
			m.Location.Value.EventSpeed = den.Some(toSpeed(l.EventSpeed.Value))
		}
		if h := l.EventPositionHeading; h.Valid {
			m.Location.Value.EventPositionHeading = den.Some(den.Heading{
				Value: h.Value.HeadingValue, Confidence: toConfidence(h.Value.HeadingConfidence),
			})
		}
	}
	if d.Alacarte != nil && d.Alacarte.PreCrash != nil {
		preCrash, err := toPreCrash(m.Management.EventPosition, d.Alacarte.PreCrash)
		if err != nil {
			return nil, err
		}
		m.PreCrash = den.Some(preCrash)
	}
	return m, nil
}

func (p Profile) toManagement(m *den.Management, e *Management) (err error) {
	*m = den.Management{
		ActionID:             e.ActionID,
		Termination:          e.Termination,
		AwarenessDistance:    distanceOf(e.RelevanceDistance),
		TrafficDirection:     e.RelevanceTrafficDirection,
		ValidityDuration:     den.Some(e.ValidityDuration),
		TransmissionInterval: e.TransmissionInterval,
		StationType:          den.TrafficParticipantType(e.StationType),
	}
	if m.DetectionTime, err = p.timestamp(e.DetectionTime); err != nil {
		return &ValueError{"management.detectionTime", err.Error()}
	}
	if m.ReferenceTime, err = p.timestamp(e.ReferenceTime); err != nil {
		return &ValueError{"management.referenceTime", err.Error()}
	}
	if _, err := m.StationType.MarshalText(); err != nil {
		return &ValueError{"management.stationType", err.Error()}
	}
	position := e.EventPosition
	if position.Latitude >= UnavailableLatitude || position.Longitude >= UnavailableLongitude {
		return &ValueError{"management.eventPosition", "is unavailable"}
	}
	m.EventPosition = den.PositionAt(den.Latitude(position.Latitude), den.Longitude(position.Longitude))
	m.EventPosition.PositionConfidence = den.PositionConfidenceEllipse{
		SemiMajorAxisLength:      position.PositionConfidenceEllipse.SemiMajorConfidence,
		SemiMinorAxisLength:      position.PositionConfidenceEllipse.SemiMinorConfidence,
		SemiMajorAxisOrientation: position.PositionConfidenceEllipse.SemiMajorOrientation,
	}
	m.EventPosition.Altitude.Value = position.Altitude.AltitudeValue
	if c := position.Altitude.AltitudeConfidence; c != UnavailableAltitudeConfidence {
		m.EventPosition.Altitude.Confidence = den.Some(c)
	}
	return nil
}

func toSpeed(s Speed) den.Speed {
	return den.Speed{Value: s.SpeedValue, Confidence: toConfidence(s.SpeedConfidence)}
}

func toConfidence(c uint8) den.Optional[uint8] {
	if c == UnavailableConfidence {
		return den.Optional[uint8]{}
	}
	return den.Some(c)
}

func toPreCrash(event den.ReferencePosition, e *PreCrash) (p den.PreCrash, err error) {
	o := &e.PerceivedPreCrashObject
	position, ok := located(event, o.Position)
	if !ok {
		return p, &ValueError{"alacarte.preCrash.perceivedPreCrashObject.position", "is out of range"}
	}
	p = den.PreCrash{
		PerceivedObject: den.PerceivedObject{
			Type:                    participantOf(o.Classification),
			MeasurementDeltaTime:    o.MeasurementDeltaTime,
			Position:                position,
			ObjectDimensionZ:        toDimension(o.ObjectDimensionZ),
			ObjectDimensionY:        toDimension(o.ObjectDimensionY),
			ObjectDimensionX:        toDimension(o.ObjectDimensionX),
			ObjectPerceptionQuality: o.ObjectPerceptionQuality,
		},
		StationIDInvolved:        e.ObjectStationID,
		TimeToCollision:          e.TimeToCollision,
		ImpactSection:            e.ImpactSection,
		EstimatedBrakingDistance: e.EstimatedBrakingDistance,
	}
	if o.ObjectID.Valid {
		p.PerceivedObject.ObjectID = den.Some(den.ObjectID(o.ObjectID.Value))
	}
	if o.Velocity.Valid {
		speed, heading := toMovement(o.Velocity.Value)
		p.PerceivedObject.Speed, p.PerceivedObject.Heading = den.Some(speed), den.Some(heading)
	}
	return p, nil
}

// toMovement returns the speed over ground and the heading of a velocity. The
// confidences of a cartesian one do not say how sure its direction is.
func toMovement(v Velocity) (den.Speed, den.Heading) {
	if !v.Cartesian {
		return toSpeed(v.Magnitude), den.Heading{
			Value: turned(v.Direction.Value), Confidence: toConfidence(v.Direction.Confidence),
		}
	}
	const tooLow, tooHigh = -16383, 16382 // and 16383 unavailable
	if v.X.Value <= tooLow || v.X.Value >= tooHigh || v.Y.Value <= tooLow || v.Y.Value >= tooHigh {
		return den.UnknownSpeed(), den.UnknownHeading()
	}
	x, y := float64(v.X.Value), float64(v.Y.Value)
	speed := den.Speed{
		Value:      uint16(min(math.Round(math.Hypot(x, y)), tooHigh)),
		Confidence: toConfidence(max(v.X.Confidence, v.Y.Confidence)),
	}
	if x == 0 && y == 0 {
		return speed, den.UnknownHeading()
	}
	heading := math.Round(math.Atan2(x, y)*1800/math.Pi) + 3600
	return speed, den.Heading{Value: uint16(heading) % 3600}
}

// participantOf returns the type of the first class, which classify chooses for it.
func participantOf(classes []ObjectClass) den.Optional[den.TrafficParticipantType] {
	if len(classes) == 0 {
		return den.Optional[den.TrafficParticipantType]{}
	}
	switch c := classes[0]; {
	case c.Kind == KindVehicle && c.SubClass != 0:
		return den.Some(den.TrafficParticipantType(c.SubClass))
	case c.Kind != KindVRU:
		return den.Optional[den.TrafficParticipantType]{}
	case c.VRUProfile == 0:
		return den.Some(den.TypePedestrian)
	case c.VRUProfile == 1:
		return den.Some(den.TypeCyclist)
	case c.VRUProfile == 2 && c.SubClass == 1:
		return den.Some(den.TypeMoped)
	case c.VRUProfile == 2:
		return den.Some(den.TypeMotorcycle)
	}
	return den.Some(den.TypeAnimal)
}

func toDimension(d den.Optional[ObjectDimension]) den.Optional[den.ObjectDimension] {
	if !d.Valid {
		return den.Optional[den.ObjectDimension]{}
	}
	r := den.ObjectDimension{Value: d.Value.Value}
	const unavailable = 32
	if d.Value.Confidence != unavailable {
		r.Confidence = den.Some(d.Value.Confidence)
	}
	return den.Some(r)
}
