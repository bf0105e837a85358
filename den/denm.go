package den

import "strconv"

// StationID identifies an ITS station, 0..4294967295.
type StationID uint32

// ObjectID identifies an object that a station perceives, 0..65535. Zero is the
// station itself.
type ObjectID uint16

// ActionID identifies an event for as long as it lasts: all DENMs about it carry
// the same one (TS 103 831, actionId).
type ActionID struct {
	OriginatingStationID StationID
	SequenceNumber       uint16
}

// String returns the station and the sequence number, such as "3000001/17".
func (a ActionID) String() string {
	return strconv.FormatUint(uint64(a.OriginatingStationID), 10) + "/" + strconv.Itoa(int(a.SequenceNumber))
}

// DENM is a Decentralized Environmental Notification Message: DenmDataV1 on the
// wire, the JSON form of ETSI TS 103 831.
//
// A DENM holds no pointers: a copy is another message, and == compares all that two of
// them say, also what JSON does not have ([PerceivedObject.Type]). The optional fields of
// a container that is absent are absent, too, so they can be asked for without a panic.
//
// A DENM that was made or decoded is never changed again. It may be read from
// any goroutine, and a Publisher may keep it.
type DENM struct {
	StationID  StationID // of the station that sends this message
	Management Management
	Situation  Optional[Situation]
	Location   Optional[Location]
	PreCrash   Optional[PreCrash]
}

// Management is the managementContainer: which event, when, where, how long.
type Management struct {
	ActionID      ActionID
	DetectionTime Timestamp
	// ReferenceTime is when this version was made. It grows with every DENM of
	// an action id.
	ReferenceTime Timestamp
	// Termination is absent while the event lasts.
	Termination          Optional[Termination]
	EventPosition        ReferencePosition
	AwarenessDistance    Optional[uint32] // m
	TrafficDirection     Optional[TrafficDirection]
	ValidityDuration     Optional[uint32] // s from DetectionTime, 0..86400; absent means 600
	TransmissionInterval Optional[uint16] // ms, 1..10000
	StationType          TrafficParticipantType
	// ReferenceStationID and ReferenceObjectID name the reference of the
	// collision. They are an addition to ETSI's message.
	ReferenceStationID Optional[StationID]
	ReferenceObjectID  Optional[ObjectID]
}

// Situation is the situationContainer: what happened.
type Situation struct {
	InformationQuality Optional[uint8] // 0..7; 0 unavailable, 7 best
	EventType          CauseCode
}

// Location is the locationContainer: how the event moves.
type Location struct {
	EventSpeed           Optional[Speed]
	EventPositionHeading Optional[Heading]
	RoadType             Optional[RoadType]
}

// PreCrash is the preCrashContainer: the predicted collision.
type PreCrash struct {
	PerceivedObject   PerceivedObject
	StationIDInvolved Optional[StationID]
	TimeToCollision   Optional[uint16] // ms, 1..10000
	ImpactSection     Optional[ObjectFace]
	// EstimatedBrakingDistance is in 0.1 m, 0..4095.
	EstimatedBrakingDistance Optional[uint16]
	// The predicted place of the collision is an addition to ETSI's message.
	EstimatedCollisionLatitude  Optional[Latitude]
	EstimatedCollisionLongitude Optional[Longitude]
}

// PerceivedObject is the other party of a predicted collision.
type PerceivedObject struct {
	ObjectID Optional[ObjectID]
	// Type is what the object is; absent where that is not known. The JSON form does not
	// have it: it is known only in the process that made the DENM, and where the DENM came
	// in UPER of release 2.
	Type Optional[TrafficParticipantType]
	// MeasurementDeltaTime is when the object was where it is said to be, in ms
	// after ReferenceTime, -2048..2047.
	MeasurementDeltaTime    int16
	Position                ReferencePosition
	Speed                   Optional[Speed]
	Heading                 Optional[Heading]
	ObjectDimensionZ        Optional[ObjectDimension] // height
	ObjectDimensionY        Optional[ObjectDimension] // width
	ObjectDimensionX        Optional[ObjectDimension] // length
	ObjectPerceptionQuality Optional[uint8]           // 0..15, 15 best
}

// defaultValidity is what ETSI says of a DENM without validityDuration, in s.
const defaultValidity = 600

// ValidUntil returns the end of the event's validity: DetectionTime plus
// ValidityDuration.
func (d *DENM) ValidUntil() Timestamp {
	return d.Management.DetectionTime + Timestamp(d.Management.ValidityDuration.Or(defaultValidity))*1000
}

// Is reports whether the DENM ends its event in the given way.
func (d *DENM) Is(t Termination) bool { return d.Management.Termination == Some(t) }

// Key returns the pair the DENM is about. It reports false for a DENM that does
// not name both of its stations; ours always do.
func (d *DENM) Key() (Key, bool) {
	crash := &d.PreCrash.Value
	if !d.PreCrash.Valid || !d.Management.ReferenceStationID.Valid || !crash.StationIDInvolved.Valid {
		return Key{}, false
	}
	return Key{
		ReferenceStation: d.Management.ReferenceStationID.Value,
		ReferenceObject:  d.Management.ReferenceObjectID.Or(0),
		TargetStation:    crash.StationIDInvolved.Value,
		TargetObject:     crash.PerceivedObject.ObjectID.Or(0),
	}, true
}

// String returns in one line which event the DENM is about and which version it is: its
// action id, the pair if it names one, its reference time, and how it ends the event if it
// does.
func (d *DENM) String() string {
	if d == nil {
		return "no DENM"
	}
	text := d.Management.ActionID.String()
	if key, ok := d.Key(); ok {
		text += " " + key.String()
	}
	text += " " + d.Management.ReferenceTime.String()
	if t := d.Management.Termination; t.Valid {
		text += " " + t.Value.String()
	}
	return text
}

// Cancellation returns the DENM that ends the event: a copy of d with
// termination isCancellation and a reference time that is newer than d's, at
// least now. d itself is not changed.
func (d *DENM) Cancellation(now Timestamp) *DENM {
	c := *d
	c.Management.Termination = Some(IsCancellation)
	c.Management.ReferenceTime = NextReferenceTime(d.Management.ReferenceTime, now)
	return &c
}

// NextReferenceTime returns the reference time of the DENM that follows one whose reference
// time is last, at the time now. It is strictly newer than last, even in the same
// millisecond or when the clock was set back: receivers discard what is not.
func NextReferenceTime(last, now Timestamp) Timestamp { return max(now, last+1) }
