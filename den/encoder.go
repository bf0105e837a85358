package den

// An Encoder writes events as [Event.AppendJSON] does, one behind the other into a buffer of
// its own. What a DENM has in common with the one before is not written again but copied:
// those of one collision array differ in little else than the other party, and those of
// one service have the same sender. The zero Encoder is ready for use. It must not be used
// from two goroutines at once.
type Encoder struct {
	buffer    []byte
	sender    sender
	reference reference
	// These texts stand in the buffer, or in what was the buffer before it grew. None of
	// them is empty once there is one.
	senderText, referenceText, circumstancesText []byte
	// What references are written with is kept apart from what targets are.
	ofReferences, ofTargets written
}

// sender is what an event says before the sequence number, but for its id.
type sender struct {
	time                    Timestamp
	station, originating    StationID
	source, typ, schema     string
	traceParent, traceState string
}

// reference is what a DENM says between the sequence number and the predicted collision,
// but for the duration of its validity.
type reference struct {
	management Management // the action id and the duration in it do not matter
	situation  Optional[Situation]
	location   Optional[Location]
}

// Reset forgets what was written. The texts that Append has returned are written over then.
func (c *Encoder) Reset() { *c = Encoder{buffer: c.buffer[:0]} }

// Len returns how many bytes were written since Reset.
func (c *Encoder) Len() int { return len(c.buffer) }

// Append writes an event and returns its text, which stays as it is until Reset and must not
// be changed.
func (c *Encoder) Append(e *Event) []byte {
	start := len(c.buffer)
	if e.DENM == nil || e.Collisions != nil {
		c.buffer = e.AppendJSON(c.buffer)
	} else {
		c.buffer = append(c.appendDENM(e.appendID(c.buffer), e), '}')
	}
	return c.buffer[start:len(c.buffer):len(c.buffer)]
}

// appendDENM appends what stands behind the id.
func (c *Encoder) appendDENM(b []byte, e *Event) []byte {
	d := e.DENM
	if s := senderOf(e); c.senderText != nil && s == c.sender {
		b = append(b, c.senderText...)
	} else {
		start := len(b)
		b = d.appendSender(e.appendAttributes(b))
		c.sender, c.senderText = s, b[start:]
	}
	b = appendUint(b, d.Management.ActionID.SequenceNumber)
	if c.referenceText != nil && c.reference.is(d) {
		b = appendOptional(append(b, c.referenceText...), d.Management.ValidityDuration)
		b = append(b, c.circumstancesText...)
	} else {
		start := len(b)
		b = d.appendReference(b, &c.ofReferences)
		c.reference, c.referenceText = reference{d.Management, d.Situation, d.Location}, b[start:]
		b = appendOptional(b, d.Management.ValidityDuration)
		start = len(b)
		b = d.appendCircumstances(b)
		c.circumstancesText = b[start:]
	}
	return d.appendPreCrash(b, &c.ofTargets)
}

func senderOf(e *Event) sender {
	return sender{
		time: e.Time, station: e.DENM.StationID, originating: e.DENM.Management.ActionID.OriginatingStationID,
		source: e.Source, typ: e.Type, schema: e.DataSchema, traceParent: e.TraceParent, traceState: e.TraceState,
	}
}

// is reports whether the DENM says the same. Of all that the management holds, a copy of
// it that gets the two values which do not matter is compared the fastest.
func (r *reference) is(d *DENM) bool {
	m := d.Management
	m.ActionID, m.ValidityDuration = r.management.ActionID, r.management.ValidityDuration
	return m == r.management && d.Situation == r.situation && d.Location == r.location
}

// written is what was written last of a station that stations mostly have in common, and its
// text, as in an Encoder. A nil one keeps nothing.
type written struct {
	sureness                 sureness
	extent                   extent
	surenessText, extentText []byte
}

func (w *written) appendSureness(b []byte, s sureness) []byte {
	switch {
	case w == nil:
		return s.append(b)
	case w.surenessText == nil || s != w.sureness:
		start := len(b)
		b = s.append(b)
		w.sureness, w.surenessText = s, b[start:]
		return b
	}
	return append(b, w.surenessText...)
}

func (w *written) appendExtent(b []byte, e extent) []byte {
	switch {
	case w == nil:
		return e.append(b)
	case w.extentText == nil || e != w.extent:
		start := len(b)
		b = e.append(b)
		w.extent, w.extentText = e, b[start:]
		return b
	}
	return append(b, w.extentText...)
}
