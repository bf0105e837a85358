package den

import "time"

// Template holds what every DENM of a service says of its sender and not of the
// collision.
type Template struct {
	StationType          TrafficParticipantType
	AwarenessDistance    Optional[uint32] // m
	TrafficDirection     Optional[TrafficDirection]
	TransmissionInterval Optional[uint16] // ms, 1..10000; for stations that forward the DENM
	InformationQuality   Optional[uint8]  // 0..7
	EventType            CauseCode
	RoadType             Optional[RoadType]
}

// DefaultTemplate returns the template of a collision warning by an
// infrastructure service: for all traffic within 199 m, to be kept alive by
// forwarders every second.
func DefaultTemplate() Template {
	return Template{
		StationType:          TypeRoadSideUnit,
		AwarenessDistance:    Some[uint32](199),
		TrafficDirection:     Some(AllTrafficDirections),
		TransmissionInterval: Some[uint16](1000),
		EventType:            CauseCollisionRisk,
	}
}

func (t Template) validate() error {
	var c checker
	checkEnum(&c, "StationType", Some(t.StationType), participantTypes)
	checkEnum(&c, "TrafficDirection", t.TrafficDirection, trafficDirections)
	checkOptional(&c, "TransmissionInterval", t.TransmissionInterval, spanTransmissionInterval)
	checkOptional(&c, "InformationQuality", t.InformationQuality, spanInformationQuality)
	checkEnum(&c, "EventType", Some(t.EventType), causeCodes)
	checkEnum(&c, "RoadType", t.RoadType, roadTypes)
	return under("Template", c.err)
}

// Prediction is one pair of a collision array together with what the service
// adds: all that goes into a DENM except its action id and reference time, which
// a Store gives. It is a value without state; the stations it points to are only
// read.
type Prediction struct {
	// StationID is our own: header and originating station of the DENM.
	StationID StationID
	Template  *Template
	// Linger is how long after the collision the warning stays valid.
	Linger        time.Duration
	DetectionTime Timestamp
	Reference     *StationCollision
	Target        *StationCollision
	// Reversed exchanges the parties: the target becomes the reference of the
	// DENM. The impact section, which is told for one side only, is dropped.
	Reversed bool
}

// Key returns the key of the pair, in the order of the DENM.
func (p Prediction) Key() Key {
	k := Key{p.Reference.StationID, p.Reference.ObjectID.Or(0), p.Target.StationID, p.Target.ObjectID.Or(0)}
	if p.Reversed {
		return k.Reversed()
	}
	return k
}

// ValidityDuration returns how long after the detection time the warning holds:
// until the collision and Linger after it, in whole seconds, at least 1.
func (p Prediction) ValidityDuration() uint32 {
	holds := time.Duration(p.Target.TimeToCollision.Or(1))*time.Millisecond + p.Linger
	seconds := (holds + time.Second - 1) / time.Second
	return uint32(min(max(seconds, 1), time.Duration(spanValidityDuration.most)))
}

// ValidUntil returns the end of the warning's validity.
func (p Prediction) ValidUntil() Timestamp {
	return p.DetectionTime + Timestamp(p.ValidityDuration())*1000
}

// DENM returns the message that warns of the predicted collision. It is a pure
// function: the same prediction, id and time give an equal DENM.
//
// The event is where the reference is and moves as the reference does; the
// perceived object is the target (TS 103 831, PreCrashContainer).
func (p Prediction) DENM(id ActionID, referenceTime Timestamp) *DENM {
	reference, target, collision := p.Reference, p.Target, p.Target
	impact := target.ImpactSection
	if p.Reversed {
		reference, target = target, reference
		impact = Optional[ObjectFace]{}
	}
	measured := target.MeasurementTime.Or(p.DetectionTime)

	return &DENM{
		StationID: p.StationID,
		Management: Management{
			ActionID:             id,
			DetectionTime:        p.DetectionTime,
			ReferenceTime:        referenceTime,
			EventPosition:        reference.Position,
			AwarenessDistance:    p.Template.AwarenessDistance,
			TrafficDirection:     p.Template.TrafficDirection,
			ValidityDuration:     Some(p.ValidityDuration()),
			TransmissionInterval: p.Template.TransmissionInterval,
			StationType:          p.Template.StationType,
			ReferenceStationID:   Some(reference.StationID),
			ReferenceObjectID:    Some(reference.ObjectID.Or(0)),
		},
		Situation: Some(Situation{InformationQuality: p.Template.InformationQuality, EventType: p.Template.EventType}),
		Location: Some(Location{
			EventSpeed:           Some(reference.Speed),
			EventPositionHeading: Some(reference.Heading),
			RoadType:             p.Template.RoadType,
		}),
		PreCrash: Some(PreCrash{
			PerceivedObject: PerceivedObject{
				ObjectID:                target.ObjectID,
				Type:                    Optional[TrafficParticipantType]{Value: target.StationType, Valid: target.StationType != TypeUnknown},
				MeasurementDeltaTime:    int16(spanMeasurementDeltaTime.clamp(int64(measured - referenceTime))),
				Position:                target.Position,
				Speed:                   Some(target.Speed),
				Heading:                 Some(target.Heading),
				ObjectDimensionZ:        target.ObjectDimensionZ,
				ObjectDimensionY:        target.ObjectDimensionY,
				ObjectDimensionX:        target.ObjectDimensionX,
				ObjectPerceptionQuality: target.ObjectPerceptionQuality,
			},
			StationIDInvolved:           Some(target.StationID),
			TimeToCollision:             collision.TimeToCollision,
			ImpactSection:               impact,
			EstimatedBrakingDistance:    target.EstimatedBrakingDistance,
			EstimatedCollisionLatitude:  collision.CollisionLatitude,
			EstimatedCollisionLongitude: collision.CollisionLongitude,
		}),
	}
}
