package uper

import "github.com/step-its/producer/den"

// Alacarte is the AlacarteContainer (EN 302 637-3): what only some kinds of events
// need. PreCrash is an addition of TS 103 831 V2.2.1; a receiver of release 1
// passes over it.
type Alacarte struct {
	// LanePosition is -1 off the road, 0 the inner hard shoulder, 1 the innermost
	// driving lane and so on, 14 the outer hard shoulder.
	LanePosition        den.Optional[int8]
	ImpactReduction     *ImpactReduction
	ExternalTemperature den.Optional[int8] // degrees Celsius, -60..67
	RoadWorks           *RoadWorks
	// PositioningSolution is 0 none, 1 GNSS, 2 differential GNSS, 3 GNSS and dead
	// reckoning, 4 differential GNSS and dead reckoning, 5 dead reckoning; what is
	// above is an extension, such as 6 manually by the operator.
	PositioningSolution den.Optional[uint8]
	StationaryVehicle   *StationaryVehicle
	PreCrash            *PreCrash
}

var (
	spanLanePosition        = newSpan("lanePosition", "LanePosition", -1, 14)
	spanExternalTemperature = newSpan("externalTemperature", "Temperature", -60, 67)
	spanPositioningSolution = newSpan("positioningSolution", "PositioningSolutionType", 0, 5)
)

func (c *coder) alacarte(a *Alacarte) {
	c.enter("alacarte")
	defer c.leave()
	extended := c.extended(a.PreCrash != nil)
	c.flag(&a.LanePosition.Valid)
	hasImpact := c.present(a.ImpactReduction != nil)
	c.flag(&a.ExternalTemperature.Valid)
	hasRoadWorks := c.present(a.RoadWorks != nil)
	c.flag(&a.PositioningSolution.Valid)
	hasStationary := c.present(a.StationaryVehicle != nil)

	if a.LanePosition.Valid {
		number(c, &a.LanePosition.Value, spanLanePosition)
	}
	if hasImpact {
		c.impactReduction(made(&a.ImpactReduction))
	}
	if a.ExternalTemperature.Valid {
		number(c, &a.ExternalTemperature.Value, spanExternalTemperature)
	}
	if hasRoadWorks && c.err == nil {
		c.roadWorks(made(&a.RoadWorks))
	}
	if a.PositioningSolution.Valid {
		extensibleEnum(c, &a.PositioningSolution.Value, spanPositioningSolution)
	}
	if hasStationary && c.err == nil {
		c.stationaryVehicle(made(&a.StationaryVehicle))
	}
	const groups = 1 // of TS 103 831 V2.2.1
	there, n := c.additions(extended, groups)
	if there&1 != 0 {
		c.alacarteGroup1(a)
	}
	c.skipAdditions(there&^1, n, SkippedAlacarte)
}

// alacarteGroup1 walks over what TS 103 831 V2.2.1 added: roadConfiguration, which
// this package does not keep, and preCrash.
func (c *coder) alacarteGroup1(a *Alacarte) {
	o := c.open()
	hasRoadConfiguration := c.present(false)
	hasPreCrash := c.present(a.PreCrash != nil)
	if hasRoadConfiguration {
		c.skipRest(o)
		c.skipped |= SkippedRoadConfiguration
		return
	}
	if hasPreCrash {
		c.preCrash(made(&a.PreCrash))
	}
	c.close(o)
}
