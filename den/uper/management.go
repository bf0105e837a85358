package uper

import "github.com/step-its/producer/den"

// TimestampIts is an instant as ETSI counts it: the milliseconds that really
// passed since 2004-01-01T00:00:00.000Z, leap seconds included, 0..4398046511103
// (TS 102 894-2). [den.Timestamp] has none; see [Profile] for the conversion.
type TimestampIts uint64

// DefaultValidityDuration is the validityDuration, in s, of a message that does
// not say one (EN 302 637-3, defaultValidity).
const DefaultValidityDuration = 600

// Management is the ManagementContainer (EN 302 637-3): which event, when, where,
// how long.
type Management struct {
	ActionID      den.ActionID
	DetectionTime TimestampIts
	ReferenceTime TimestampIts
	// Termination is absent while the event lasts.
	Termination   den.Optional[den.Termination]
	EventPosition ReferencePosition
	// RelevanceDistance is a class: below 50 m (0), 100 m (1), 200 m (2), 500 m
	// (3), 1 km (4), 5 km (5), 10 km (6), and above (7). Release 2 calls it
	// awarenessDistance.
	RelevanceDistance         den.Optional[uint8]
	RelevanceTrafficDirection den.Optional[den.TrafficDirection]
	// ValidityDuration is in s from DetectionTime, 0..86400. It is always there:
	// a message that has none means DefaultValidityDuration, and is written for
	// that.
	ValidityDuration     uint32
	TransmissionInterval den.Optional[uint16] // ms, 1..10000
	StationType          uint8                // 0..255; 15 is a road side unit
}

var (
	spanOriginatingStationID = newSpan("originatingStationID", "StationID", 0, 4294967295)
	spanSequenceNumber       = newSpan("sequenceNumber", "SequenceNumber", 0, 65535)
	spanDetectionTime        = newSpan("detectionTime", "TimestampIts", 0, 4398046511103)
	spanReferenceTime        = newSpan("referenceTime", "TimestampIts", 0, 4398046511103)
	spanTermination          = newDENMSpan("termination", "Termination", 0, 1)
	spanRelevanceDistance    = newSpan("relevanceDistance", "RelevanceDistance", 0, 7)
	spanRelevanceDirection   = newSpan("relevanceTrafficDirection", "RelevanceTrafficDirection", 0, 3)
	spanValidityDuration     = newSpan("validityDuration", "ValidityDuration", 0, 86400)
	spanTransmissionInterval = newSpan("transmissionInterval", "TransmissionInterval", 1, 10000)
	spanStationType          = newSpan("stationType", "StationType", 0, 255)
)

func (c *coder) management(m *Management) {
	c.enter("management")
	defer c.leave()
	extended := c.extended(false)
	c.flag(&m.Termination.Valid)
	c.flag(&m.RelevanceDistance.Valid)
	c.flag(&m.RelevanceTrafficDirection.Valid)
	hasValidity := c.present(m.ValidityDuration != DefaultValidityDuration)
	c.flag(&m.TransmissionInterval.Valid)

	c.actionID("actionID", &m.ActionID)
	number(c, &m.DetectionTime, spanDetectionTime)
	number(c, &m.ReferenceTime, spanReferenceTime)
	if m.Termination.Valid {
		number(c, &m.Termination.Value, spanTermination)
	}
	c.position("eventPosition", &m.EventPosition)
	if m.RelevanceDistance.Valid {
		number(c, &m.RelevanceDistance.Value, spanRelevanceDistance)
	}
	if m.RelevanceTrafficDirection.Valid {
		number(c, &m.RelevanceTrafficDirection.Value, spanRelevanceDirection)
	}
	switch {
	case hasValidity:
		number(c, &m.ValidityDuration, spanValidityDuration)
	case !c.writing:
		m.ValidityDuration = DefaultValidityDuration
	}
	if m.TransmissionInterval.Valid {
		number(c, &m.TransmissionInterval.Value, spanTransmissionInterval)
	}
	number(c, &m.StationType, spanStationType)
	c.noAdditions(extended, SkippedManagement)
}

const actionIDBits = 32 + 16

func (c *coder) actionID(name string, a *den.ActionID) {
	c.enter(name)
	number(c, &a.OriginatingStationID, spanOriginatingStationID)
	number(c, &a.SequenceNumber, spanSequenceNumber)
	c.leave()
}

// actionIDs walks over a list of action ids, SIZE (1..8, ...): ReferenceDenms of
// EN 302 637-3, ActionIdList of release 2.
func (c *coder) actionIDs(list *[]den.ActionID, s *span) {
	n := c.extensibleCount(len(*list), s, actionIDBits)
	sized(c, list, n)
	c.enter(s.name)
	defer c.leave()
	for i := 0; i < n && c.err == nil; i++ {
		c.at(i)
		c.actionID("", &(*list)[i])
	}
}
