package uper

import "github.com/step-its/producer/den"

// What the coordinates of a Position3D can say beside a place (TS 102 894-2,
// CartesianCoordinateLarge and CoordinateConfidence).
const (
	CoordinateTooLow                = -131072 // -1310.72 m or less
	CoordinateTooHigh               = 131071  // more than 1310.70 m
	CoordinateConfidenceOutOfRange  = 4095    // worse than 40.94 m
	CoordinateConfidenceUnavailable = 4096
)

// UnavailableAngle stands for a direction that is not known; one that is known is
// below 3600 (TS 102 894-2).
const UnavailableAngle = 3601

// Position3D is a place in a frame of meters (CartesianPosition3dWithConfidence,
// TS 102 894-2).
type Position3D struct {
	X, Y Coordinate
	Z    den.Optional[Coordinate]
}

// Coordinate is one coordinate of a place.
type Coordinate struct {
	Value      int32  // 0.01 m, -131072..131071; both ends out of range
	Confidence uint16 // 0.01 m, 1..4096; 4095 out of range, 4096 unavailable
}

// Velocity is a velocity (Velocity3dWithConfidence, TS 102 894-2): either polar,
// with Magnitude and Direction, or cartesian, with X and Y. The members of the
// other form are not used.
type Velocity struct {
	Cartesian bool
	Magnitude Speed
	Direction Angle
	X, Y      VelocityComponent
	Z         den.Optional[VelocityComponent] // in both forms
}

// VelocityComponent is a velocity along one axis.
type VelocityComponent struct {
	Value      int16 // 0.01 m/s, -16383..16383; -16383 and 16382 out of range, 16383 unavailable
	Confidence uint8 // 0.01 m/s, 1..127; 126 out of range, 127 unavailable
}

// Acceleration is an acceleration (Acceleration3dWithConfidence, TS 102 894-2):
// either polar, with Magnitude and Direction, or cartesian, with X and Y. The
// members of the other form are not used.
type Acceleration struct {
	Cartesian bool
	Magnitude AccelerationComponent // 0..161
	Direction Angle
	X, Y      AccelerationComponent
	Z         den.Optional[AccelerationComponent] // in both forms
}

// AccelerationComponent is an acceleration along one axis.
type AccelerationComponent struct {
	Value      int16 // 0.1 m/s2, -160..161; -160 and 160 out of range, 161 unavailable
	Confidence uint8 // 0.1 m/s2, 0..102; 101 out of range, 102 unavailable
}

// Angle is a direction in a plane, counter-clockwise from the x axis
// (CartesianAngle, TS 102 894-2). It is no compass heading.
type Angle struct {
	Value      uint16 // 0.1 degrees, 0..3601; 3600 not used, 3601 unavailable
	Confidence uint8  // 0.1 degrees, 1..127; 126 out of range, 127 unavailable
}

// EulerAngles is the orientation of an object (EulerAnglesWithConfidence,
// TS 102 894-2): it is turned around the z axis, then y, then x.
type EulerAngles struct {
	Z    Angle
	Y, X den.Optional[Angle]
}

// AngularVelocity is how fast an object turns (CartesianAngularVelocityComponent,
// TS 102 894-2).
type AngularVelocity struct {
	Value int16 // degrees/s, -255..256; -255 and 255 out of range, 256 unavailable
	// Confidence is within 1 degree/s (0), 2 (1), 5 (2), 10 (3), 20 (4), 50 (5), out
	// of range (6), unavailable (7).
	Confidence uint8
}

var (
	spanCoordinate             = newR2Span("value", "CartesianCoordinateLarge", -131072, 131071)
	spanCoordinateConfidence   = newR2Span("confidence", "CoordinateConfidence", 1, 4096)
	spanVelocityValue          = newR2Span("value", "VelocityComponentValue", -16383, 16383)
	spanVelocityConfidence     = newR2Span("confidence", "SpeedConfidence", 1, 127)
	spanMagnitude              = newR2Span("accelerationMagnitudeValue", "AccelerationMagnitudeValue", 0, 161)
	spanMagnitudeConfidence    = newR2Span("accelerationConfidence", "AccelerationConfidence", 0, 102)
	spanAccelerationValue      = newR2Span("value", "AccelerationValue", -160, 161)
	spanAccelerationConfidence = newR2Span("confidence", "AccelerationConfidence", 0, 102)
	spanAngle                  = newR2Span("value", "CartesianAngleValue", 0, 3601)
	spanAngleConfidence        = newR2Span("confidence", "AngleConfidence", 1, 127)
	spanAngularVelocity        = newR2Span("value", "CartesianAngularVelocityComponentValue", -255, 256)
	spanAngularConfidence      = newR2Span("confidence", "AngularSpeedConfidence", 0, 7)
)

func (c *coder) position3D(p *Position3D) {
	c.enter("position")
	c.flag(&p.Z.Valid)
	c.coordinate("xCoordinate", &p.X)
	c.coordinate("yCoordinate", &p.Y)
	if p.Z.Valid {
		c.coordinate("zCoordinate", &p.Z.Value)
	}
	c.leave()
}

func (c *coder) coordinate(name string, v *Coordinate) {
	c.enter(name)
	number(c, &v.Value, spanCoordinate)
	number(c, &v.Confidence, spanCoordinateConfidence)
	c.leave()
}

func (c *coder) velocity(v *Velocity) {
	c.enter("velocity")
	c.flag(&v.Cartesian) // the index of the alternative
	c.flag(&v.Z.Valid)
	if v.Cartesian {
		c.velocityComponent("xVelocity", &v.X)
		c.velocityComponent("yVelocity", &v.Y)
	} else {
		c.speed("velocityMagnitude", &v.Magnitude)
		c.angle("velocityDirection", &v.Direction)
	}
	if v.Z.Valid {
		c.velocityComponent("zVelocity", &v.Z.Value)
	}
	c.leave()
}

func (c *coder) velocityComponent(name string, v *VelocityComponent) {
	c.enter(name)
	number(c, &v.Value, spanVelocityValue)
	number(c, &v.Confidence, spanVelocityConfidence)
	c.leave()
}

func (c *coder) acceleration(a *Acceleration) {
	c.enter("acceleration")
	c.flag(&a.Cartesian) // the index of the alternative
	c.flag(&a.Z.Valid)
	if a.Cartesian {
		c.accelerationComponent("xAcceleration", &a.X)
		c.accelerationComponent("yAcceleration", &a.Y)
	} else {
		c.enter("accelerationMagnitude")
		number(c, &a.Magnitude.Value, spanMagnitude)
		number(c, &a.Magnitude.Confidence, spanMagnitudeConfidence)
		c.leave()
		c.angle("accelerationDirection", &a.Direction)
	}
	if a.Z.Valid {
		c.accelerationComponent("zAcceleration", &a.Z.Value)
	}
	c.leave()
}

func (c *coder) accelerationComponent(name string, v *AccelerationComponent) {
	c.enter(name)
	number(c, &v.Value, spanAccelerationValue)
	number(c, &v.Confidence, spanAccelerationConfidence)
	c.leave()
}

func (c *coder) angle(name string, a *Angle) {
	c.enter(name)
	number(c, &a.Value, spanAngle)
	number(c, &a.Confidence, spanAngleConfidence)
	c.leave()
}

func (c *coder) eulerAngles(e *EulerAngles) {
	c.enter("angles")
	c.flag(&e.Y.Valid)
	c.flag(&e.X.Valid)
	c.angle("zAngle", &e.Z)
	if e.Y.Valid {
		c.angle("yAngle", &e.Y.Value)
	}
	if e.X.Valid {
		c.angle("xAngle", &e.X.Value)
	}
	c.leave()
}

func (c *coder) angularVelocity(v *AngularVelocity) {
	c.enter("zAngularVelocity")
	number(c, &v.Value, spanAngularVelocity)
	number(c, &v.Confidence, spanAngularConfidence)
	c.leave()
}
