package uper

import (
	"math/bits"

	"github.com/step-its/producer/den"
)

// RoadWorks is the RoadWorksContainerExtended (EN 302 637-3).
type RoadWorks struct {
	LightBarSirenInUse den.Optional[LightBarSirenInUse]
	ClosedLanes        *ClosedLanes
	// Restriction is the station types that are concerned, or nil. ETSI asks for
	// 1..3.
	Restriction        []byte
	SpeedLimit         den.Optional[uint8] // km/h, 1..255
	IncidentIndication den.Optional[CauseCode]
	// RecommendedPath is 1..40 places, or nil.
	RecommendedPath         []ReferencePosition
	StartingPointSpeedLimit den.Optional[DeltaReferencePosition]
	// TrafficFlowRule is 0 no passing, 1 no passing for trucks, 2 pass to the
	// right, 3 pass to the left; what is above is an extension.
	TrafficFlowRule den.Optional[uint8]
	// ReferenceDenms is other DENMs about the same road works, or nil. ETSI asks
	// for 1..8.
	ReferenceDenms []den.ActionID
}

// LightBarSirenInUse is a set of LightBarActivated and SirenActivated
// (TS 102 894-2).
type LightBarSirenInUse uint8

// The members of LightBarSirenInUse.
const (
	SirenActivated    LightBarSirenInUse = 1 << 0
	LightBarActivated LightBarSirenInUse = 1 << 1
)

// ClosedLanes says which lanes of a carriageway are closed (TS 102 894-2). Hard
// shoulders are 0 available for stopping, 1 closed, 2 available for driving.
//
// Protocol version 1 knows one hard shoulder, here the inner one, and always has
// the driving lanes.
type ClosedLanes struct {
	InnerHardShoulderStatus den.Optional[uint8]
	OuterHardShoulderStatus den.Optional[uint8]
	DrivingLaneStatus       den.Optional[DrivingLaneStatus]
}

// DrivingLaneStatus says which driving lanes are closed (TS 102 894-2).
type DrivingLaneStatus struct {
	Lanes  uint8  // how many driving lanes there are, 1..13
	Closed uint16 // bit i is set where lane i+1 is closed, counted from inside
}

var (
	spanLightBarSirenInUse = newSpan("lightBarSirenInUse", "LightBarSirenInUse", 0, 3)
	spanInnerHardShoulder  = newSpan("innerhardShoulderStatus", "HardShoulderStatus", 0, 2)
	spanOuterHardShoulder  = newSpan("outerhardShoulderStatus", "HardShoulderStatus", 0, 2)
	spanDrivingLaneStatus  = newSpan("drivingLaneStatus", "DrivingLaneStatus", 1, 13)
	spanDrivingLaneStatus1 = newSpan("drivingLaneStatus", "DrivingLaneStatus of version 1", 1, 14)
	spanRestriction        = newSpan("restriction", "RestrictedTypes", 1, 3)
	spanRestrictedType     = newSpan("", "StationType", 0, 255)
	spanSpeedLimit         = newSpan("speedLimit", "SpeedLimit", 1, 255)
	spanRecommendedPath    = newSpan("recommendedPath", "ItineraryPath", 1, 40)
	spanTrafficFlowRule    = newSpan("trafficFlowRule", "TrafficRule", 0, 3)
	spanReferenceDenms     = newDENMSpan("referenceDenms", "ReferenceDenms", 1, 8)
)

func (c *coder) roadWorks(r *RoadWorks) {
	c.enter("roadWorks")
	defer c.leave()
	c.flag(&r.LightBarSirenInUse.Valid)
	hasLanes := c.present(r.ClosedLanes != nil)
	hasRestriction := c.present(r.Restriction != nil)
	c.flag(&r.SpeedLimit.Valid)
	c.flag(&r.IncidentIndication.Valid)
	hasPath := c.present(r.RecommendedPath != nil)
	c.flag(&r.StartingPointSpeedLimit.Valid)
	c.flag(&r.TrafficFlowRule.Valid)
	hasReferences := c.present(r.ReferenceDenms != nil)

	if r.LightBarSirenInUse.Valid {
		number(c, &r.LightBarSirenInUse.Value, spanLightBarSirenInUse)
	}
	if hasLanes {
		c.closedLanes(made(&r.ClosedLanes))
	}
	if hasRestriction {
		octets(c, &r.Restriction, spanRestriction, spanRestrictedType)
	}
	if r.SpeedLimit.Valid {
		number(c, &r.SpeedLimit.Value, spanSpeedLimit)
	}
	if r.IncidentIndication.Valid {
		c.causeCode("incidentIndication", &r.IncidentIndication.Value)
	}
	if hasPath {
		c.recommendedPath(&r.RecommendedPath)
	}
	if r.StartingPointSpeedLimit.Valid {
		c.delta("startingPointSpeedLimit", &r.StartingPointSpeedLimit.Value)
	}
	if r.TrafficFlowRule.Valid {
		extensibleEnum(c, &r.TrafficFlowRule.Value, spanTrafficFlowRule)
	}
	if hasReferences {
		c.actionIDs(&r.ReferenceDenms, spanReferenceDenms)
	}
}

func (c *coder) recommendedPath(path *[]ReferencePosition) {
	n := c.count(len(*path), spanRecommendedPath, positionBits)
	sized(c, path, n)
	c.enter("recommendedPath")
	defer c.leave()
	for i := 0; i < n && c.err == nil; i++ {
		c.at(i)
		c.position("", &(*path)[i])
	}
}

func (c *coder) closedLanes(l *ClosedLanes) {
	c.enter("closedLanes")
	defer c.leave()
	if c.version1 && c.writing && (l.OuterHardShoulderStatus.Valid || !l.DrivingLaneStatus.Valid) {
		c.wrong("", "version 1 has driving lanes and no outer hard shoulder")
		return
	}
	extended := c.extended(false)
	c.flag(&l.InnerHardShoulderStatus.Valid)
	if c.version1 {
		if !c.writing {
			l.DrivingLaneStatus.Valid = true
		}
	} else {
		c.flag(&l.OuterHardShoulderStatus.Valid)
		c.flag(&l.DrivingLaneStatus.Valid)
	}
	if l.InnerHardShoulderStatus.Valid {
		number(c, &l.InnerHardShoulderStatus.Value, spanInnerHardShoulder)
	}
	if l.OuterHardShoulderStatus.Valid {
		number(c, &l.OuterHardShoulderStatus.Value, spanOuterHardShoulder)
	}
	if l.DrivingLaneStatus.Valid {
		c.drivingLanes(&l.DrivingLaneStatus.Value)
	}
	c.noAdditions(extended, SkippedRoadWorks)
}

// drivingLanes walks over a bit string whose first bit is the innermost lane.
func (c *coder) drivingLanes(d *DrivingLaneStatus) {
	lanes := spanDrivingLaneStatus
	if c.version1 {
		lanes = spanDrivingLaneStatus1
	}
	n := uint(c.count(int(d.Lanes), lanes, 1))
	if c.err != nil {
		return
	}
	if c.writing {
		if d.Closed>>n != 0 {
			c.wrong(lanes.name, "a lane is closed that does not exist")
			return
		}
		c.write(uint64(bits.Reverse16(d.Closed)>>(16-n)), n)
		return
	}
	u, _ := c.take(n) // count has seen that they are there
	d.Lanes, d.Closed = uint8(n), bits.Reverse16(uint16(u))>>(16-n)
}
