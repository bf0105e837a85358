package uper

import "github.com/step-its/producer/den"

// Location is the LocationContainer (EN 302 637-3): how the event moves, and the
// ways that lead to it.
type Location struct {
	EventSpeed           den.Optional[Speed]
	EventPositionHeading den.Optional[Heading]
	// Traces is 1..7 ways to the event position. ETSI demands at least one; one
	// without any points, []PathHistory{nil}, says nothing. Release 2 calls them
	// detectionZonesToEventPosition.
	Traces   []PathHistory
	RoadType den.Optional[den.RoadType]
}

// PathHistory is a way, as 0..40 places, each relative to the one before
// (TS 102 894-2).
type PathHistory []PathPoint

// PathPoint is a place on a way (TS 102 894-2).
type PathPoint struct {
	PathPosition DeltaReferencePosition
	// PathDeltaTime is the travel time from the place before, in 10 ms, from 1 on.
	// What is above 65535 is an extension, which few readers know.
	PathDeltaTime den.Optional[uint32]
}

var (
	spanTraces        = newSpan("traces", "Traces", 1, 7)
	spanPathHistory   = newSpan("", "PathHistory", 0, 40) // the length of traces[i]
	spanPathDeltaTime = newSpan("pathDeltaTime", "PathDeltaTime", 1, 65535)
	spanRoadType      = newSpan("roadType", "RoadType", 0, 3)
)

func (c *coder) location(l *Location) {
	c.enter("location")
	defer c.leave()
	extended := c.extended(false)
	c.flag(&l.EventSpeed.Valid)
	c.flag(&l.EventPositionHeading.Valid)
	c.flag(&l.RoadType.Valid)

	if l.EventSpeed.Valid {
		c.speed("eventSpeed", &l.EventSpeed.Value)
	}
	if l.EventPositionHeading.Valid {
		c.heading("eventPositionHeading", &l.EventPositionHeading.Value)
	}
	c.traces(&l.Traces)
	if l.RoadType.Valid {
		number(c, &l.RoadType.Value, spanRoadType)
	}
	c.noAdditions(extended, SkippedLocation)
}

func (c *coder) traces(traces *[]PathHistory) {
	n := c.count(len(*traces), spanTraces, 6)
	sized(c, traces, n)
	c.enter("traces")
	defer c.leave()
	for i := 0; i < n && c.err == nil; i++ {
		c.at(i)
		c.pathHistory((*[]PathPoint)(&(*traces)[i]))
	}
}

func (c *coder) pathHistory(points *[]PathPoint) {
	n := c.count(len(*points), spanPathHistory, 1+deltaBits)
	sized(c, points, n)
	c.enter("")
	defer c.leave()
	for i := 0; i < n && c.err == nil; i++ {
		c.at(i)
		p := &(*points)[i]
		c.flag(&p.PathDeltaTime.Valid)
		c.delta("pathPosition", &p.PathPosition)
		if p.PathDeltaTime.Valid {
			c.extensibleNumber(&p.PathDeltaTime.Value, spanPathDeltaTime)
		}
	}
}
