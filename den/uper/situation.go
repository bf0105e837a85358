package uper

import "github.com/step-its/producer/den"

// Situation is the SituationContainer (EN 302 637-3): what happened. LinkedDenms
// and EventEnd are additions of TS 103 831 V2.2.1; a receiver of release 1 passes
// over them.
type Situation struct {
	InformationQuality uint8 // 0..7; 0 unavailable, 1 lowest, 7 highest
	EventType          CauseCode
	LinkedCause        den.Optional[CauseCode]
	// EventHistory is 1..23 places, each relative to the one before, or nil.
	// Release 2 calls it eventZone.
	EventHistory []EventPoint
	// LinkedDenms is events that belong together with this one, or nil. ETSI asks
	// for 1..8.
	LinkedDenms []den.ActionID
	EventEnd    den.Optional[int16] // m along the road, -8190..8191 (Position1d)
}

// CauseCode is the kind of an event (TS 102 894-2). Release 2 defines it as a
// choice, CauseCodeV2, with the same encoding.
type CauseCode struct {
	CauseCode    uint8 // 0..255; see den.CauseCode for the names
	SubCauseCode uint8 // 0..255; 0 unavailable
}

// EventPoint is one place of an event (TS 102 894-2).
type EventPoint struct {
	EventPosition DeltaReferencePosition
	// EventDeltaTime is the travel time from the place before, in 10 ms, from 1
	// on. What is above 65535 is an extension, which few readers know.
	EventDeltaTime     den.Optional[uint32]
	InformationQuality uint8 // 0..7; 0 unavailable, 1 lowest, 7 highest
}

var (
	spanInformationQuality = newSpan("informationQuality", "InformationQuality", 0, 7)
	spanCauseCode          = newSpan("causeCode", "CauseCodeType", 0, 255)
	spanSubCauseCode       = newSpan("subCauseCode", "SubCauseCodeType", 0, 255)
	spanEventHistory       = newSpan("eventHistory", "EventHistory", 1, 23)
	spanEventDeltaTime     = newSpan("eventDeltaTime", "PathDeltaTime", 1, 65535)
	spanLinkedDenms        = newR2Span("linkedDenms", "ActionIdList", 1, 8)
	spanEventEnd           = newR2Span("eventEnd", "Position1d", -8190, 8191)
)

func (c *coder) situation(s *Situation) {
	c.enter("situation")
	defer c.leave()
	extended := c.extended(s.LinkedDenms != nil || s.EventEnd.Valid)
	c.flag(&s.LinkedCause.Valid)
	hasHistory := c.present(s.EventHistory != nil)

	number(c, &s.InformationQuality, spanInformationQuality)
	c.causeCode("eventType", &s.EventType)
	if s.LinkedCause.Valid {
		c.causeCode("linkedCause", &s.LinkedCause.Value)
	}
	if hasHistory {
		c.eventHistory(&s.EventHistory)
	}
	const groups = 2 // of TS 103 831 V2.3.1; V2.2.1 has the first one
	there, n := c.additions(extended, groups)
	if there&1 != 0 {
		c.situationGroup1(s)
	}
	c.skipAdditions(there&^1, n, SkippedSituation)
}

// situationGroup1 walks over what TS 103 831 V2.2.1 added.
func (c *coder) situationGroup1(s *Situation) {
	o := c.open()
	hasLinked := c.present(s.LinkedDenms != nil)
	c.flag(&s.EventEnd.Valid)
	if hasLinked {
		c.actionIDs(&s.LinkedDenms, spanLinkedDenms)
	}
	if s.EventEnd.Valid {
		number(c, &s.EventEnd.Value, spanEventEnd)
	}
	c.close(o)
}

func (c *coder) causeCode(name string, cause *CauseCode) {
	c.enter(name)
	defer c.leave()
	extended := false
	if !c.version1 {
		extended = c.extended(false)
	}
	number(c, &cause.CauseCode, spanCauseCode)
	number(c, &cause.SubCauseCode, spanSubCauseCode)
	c.noAdditions(extended, SkippedCauseCode)
}

func (c *coder) eventHistory(points *[]EventPoint) {
	n := c.count(len(*points), spanEventHistory, 1+deltaBits+3)
	sized(c, points, n)
	c.enter("eventHistory")
	defer c.leave()
	for i := 0; i < n && c.err == nil; i++ {
		c.at(i)
		p := &(*points)[i]
		c.flag(&p.EventDeltaTime.Valid)
		c.delta("eventPosition", &p.EventPosition)
		if p.EventDeltaTime.Valid {
			c.extensibleNumber(&p.EventDeltaTime.Value, spanEventDeltaTime)
		}
		number(c, &p.InformationQuality, spanInformationQuality)
	}
}
