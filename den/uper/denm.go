package uper

import "github.com/step-its/producer/den"

// DENM is the message as ETSI's ASN.1 module describes it: DENM of EN 302 637-3,
// with the names and the whole numbers of that document. A container that is nil
// is not in the message.
//
// Marshal and Append only read a DENM, and Unmarshal returns one that nothing
// else refers to.
type DENM struct {
	Header     Header
	Management Management
	Situation  *Situation
	Location   *Location
	Alacarte   *Alacarte
	// Skipped is what Unmarshal passed over. It has no meaning for Marshal.
	Skipped Skipped
}

// Header is the ItsPduHeader (TS 102 894-2).
type Header struct {
	// ProtocolVersion is 2 for EN 302 637-3 V1.3.1 and for TS 103 831, and 1 for
	// EN 302 637-3 V1.2.x, which has another grammar. To Marshal, 0 means 2.
	ProtocolVersion uint8
	// MessageID is 1, denm. To Marshal, 0 means 1.
	MessageID uint8
	// StationID is the station that sends this message. For a negation it is not
	// the one that opened the event.
	StationID den.StationID
}

var (
	spanProtocolVersion = newSpan("protocolVersion", "ItsPduHeader", 0, 255)
	spanMessageID       = newSpan("messageID", "ItsPduHeader", 0, 255)
	spanStationID       = newSpan("stationID", "StationID", 0, 4294967295)

	knownVersions = newDENMSpan("protocolVersion", "DENM", 1, 2)
	knownMessages = newDENMSpan("messageID", "DENM", 1, 1)
)

func (c *coder) denm(d *DENM) {
	c.header(&d.Header)
	hasSituation := c.present(d.Situation != nil)
	hasLocation := c.present(d.Location != nil)
	hasAlacarte := c.present(d.Alacarte != nil)
	c.management(&d.Management)
	if hasSituation && c.err == nil {
		c.situation(made(&d.Situation))
	}
	if hasLocation && c.err == nil {
		c.location(made(&d.Location))
	}
	if hasAlacarte && c.err == nil {
		c.alacarte(made(&d.Alacarte))
	}
}

func (c *coder) header(h *Header) {
	c.enter("header")
	defer c.leave()
	version, message := h.ProtocolVersion, h.MessageID
	if c.writing && version == 0 {
		version = 2
	}
	if c.writing && message == 0 {
		message = 1
	}
	number(c, &version, spanProtocolVersion)
	number(c, &message, spanMessageID)
	number(c, &h.StationID, spanStationID)
	switch {
	case c.err != nil:
	case version != 1 && version != 2:
		c.outOfRange(knownVersions, int64(version))
	case message != 1:
		c.outOfRange(knownMessages, int64(message))
	}
	c.version1 = version == 1
	if !c.writing {
		h.ProtocolVersion, h.MessageID = version, message
	}
}

// made returns the container that p points to. There is none yet when one is
// read.
func made[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}
