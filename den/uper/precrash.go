package uper

import "github.com/step-its/producer/den"

// PreCrash is the PreCrashContainer (TS 103 831 V2.2.1): the other party of a
// collision that is likely. It is not in release 1.
type PreCrash struct {
	PerceivedPreCrashObject  PerceivedObject
	ObjectStationID          den.Optional[den.StationID]
	TimeToCollision          den.Optional[uint16] // ms, 1..10000
	ImpactSection            den.Optional[den.ObjectFace]
	EstimatedBrakingDistance den.Optional[uint16] // 0.1 m, 0..4095
}

var (
	spanObjectStationID   = newR2Span("objectStationId", "StationId", 0, 4294967295)
	spanTimeToCollision   = newR2Span("timeToCollision", "DeltaTimeMilliSecondPositive", 1, 10000)
	spanImpactSection     = newR2Span("impactSection", "ObjectFace", 0, 5)
	spanBrakingDistance   = newR2Span("estimatedBrakingDistance", "StandardLength12b", 0, 4095)
	spanObjectID          = newR2Span("objectId", "Identifier2B", 0, 65535)
	spanMeasurementDelta  = newR2Span("measurementDeltaTime", "DeltaTimeMilliSecondSigned", -2048, 2047)
	spanObjectAge         = newR2Span("objectAge", "PerceivedObject", 0, 2047)
	spanPerceptionQuality = newR2Span("objectPerceptionQuality", "ObjectPerceptionQuality", 0, 15)
	spanDimensionValue    = newR2Span("value", "ObjectDimensionValue", 1, 256)
	spanDimensionConf     = newR2Span("confidence", "ObjectDimensionConfidence", 1, 32)
)

func (c *coder) preCrash(p *PreCrash) {
	c.enter("preCrash")
	defer c.leave()
	extended := c.extended(false)
	c.flag(&p.ObjectStationID.Valid)
	c.flag(&p.TimeToCollision.Valid)
	c.flag(&p.ImpactSection.Valid)
	c.flag(&p.EstimatedBrakingDistance.Valid)

	c.perceivedObject(&p.PerceivedPreCrashObject)
	if p.ObjectStationID.Valid {
		number(c, &p.ObjectStationID.Value, spanObjectStationID)
	}
	if p.TimeToCollision.Valid {
		number(c, &p.TimeToCollision.Value, spanTimeToCollision)
	}
	if p.ImpactSection.Valid {
		number(c, &p.ImpactSection.Value, spanImpactSection)
	}
	if p.EstimatedBrakingDistance.Valid {
		number(c, &p.EstimatedBrakingDistance.Value, spanBrakingDistance)
	}
	c.noAdditions(extended, SkippedPreCrash)
}

// PerceivedObject is an object with its place and movement, in a frame whose x
// axis points east, y north and z up, with its origin at the event position
// (TS 102 894-2 V2.2.1).
//
// The correlation matrices, sensor ids and the map position of the ASN.1 type are
// passed over when they are read; see [SkippedSensing].
type PerceivedObject struct {
	ObjectID den.Optional[uint16]
	// MeasurementDeltaTime is when the object was where it is said to be, in ms
	// after the reference time, -2048..2047.
	MeasurementDeltaTime    int16
	Position                Position3D
	Velocity                den.Optional[Velocity]
	Acceleration            den.Optional[Acceleration]
	Angles                  den.Optional[EulerAngles]
	ZAngularVelocity        den.Optional[AngularVelocity]
	ObjectDimensionZ        den.Optional[ObjectDimension] // height
	ObjectDimensionY        den.Optional[ObjectDimension] // width
	ObjectDimensionX        den.Optional[ObjectDimension] // length
	ObjectAge               den.Optional[uint16]          // ms, 0..2047; 1500 means 1.5 s or more
	ObjectPerceptionQuality den.Optional[uint8]           // 0..15; 0 no confidence, 15 full
	// Classification is 1..8 classes that the object may be of, or nil.
	Classification []ObjectClass
}

// ObjectDimension is a length, width or height of an object (TS 102 894-2).
type ObjectDimension struct {
	Value      uint16 // 0.1 m, 1..256; 255 out of range, 256 unavailable
	Confidence uint8  // 0.1 m, 1..32; 31 out of range, 32 unavailable
}

func (c *coder) perceivedObject(o *PerceivedObject) {
	c.enter("perceivedPreCrashObject")
	defer c.leave()
	extended := c.extended(false)
	c.flag(&o.ObjectID.Valid)
	c.flag(&o.Velocity.Valid)
	c.flag(&o.Acceleration.Valid)
	c.flag(&o.Angles.Valid)
	c.flag(&o.ZAngularVelocity.Valid)
	hasMatrices := c.present(false)
	c.flag(&o.ObjectDimensionZ.Valid)
	c.flag(&o.ObjectDimensionY.Valid)
	c.flag(&o.ObjectDimensionX.Valid)
	c.flag(&o.ObjectAge.Valid)
	c.flag(&o.ObjectPerceptionQuality.Valid)
	hasSensors := c.present(false)
	hasClasses := c.present(o.Classification != nil)
	hasMapPosition := c.present(false)

	if o.ObjectID.Valid {
		number(c, &o.ObjectID.Value, spanObjectID)
	}
	number(c, &o.MeasurementDeltaTime, spanMeasurementDelta)
	c.position3D(&o.Position)
	if o.Velocity.Valid {
		c.velocity(&o.Velocity.Value)
	}
	if o.Acceleration.Valid {
		c.acceleration(&o.Acceleration.Value)
	}
	if o.Angles.Valid {
		c.eulerAngles(&o.Angles.Value)
	}
	if o.ZAngularVelocity.Valid {
		c.angularVelocity(&o.ZAngularVelocity.Value)
	}
	if hasMatrices {
		c.skipMatrices()
	}
	c.dimension("objectDimensionZ", &o.ObjectDimensionZ)
	c.dimension("objectDimensionY", &o.ObjectDimensionY)
	c.dimension("objectDimensionX", &o.ObjectDimensionX)
	if o.ObjectAge.Valid {
		number(c, &o.ObjectAge.Value, spanObjectAge)
	}
	if o.ObjectPerceptionQuality.Valid {
		number(c, &o.ObjectPerceptionQuality.Value, spanPerceptionQuality)
	}
	if hasSensors {
		c.skipSensors()
	}
	if hasClasses {
		c.classification(&o.Classification)
	}
	if hasMapPosition {
		c.skipMapPosition()
	}
	c.noAdditions(extended, SkippedPreCrash)
}

func (c *coder) dimension(name string, d *den.Optional[ObjectDimension]) {
	if !d.Valid {
		return
	}
	c.enter(name)
	number(c, &d.Value.Value, spanDimensionValue)
	number(c, &d.Value.Confidence, spanDimensionConf)
	c.leave()
}
