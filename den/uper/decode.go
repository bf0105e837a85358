package uper

// Unmarshal decodes one DENM, which must be all of data. The error is a
// *[SyntaxError], *[RangeError] or *[ValueError], which names the field.
//
// It is strict where a difference would be lost: bytes after the message and
// padding that is not zero are errors. It is tolerant where a sender only said
// something in more words than needed, such as a validityDuration that is the
// default. What later versions of ETSI's documents add is passed over, and told in
// [DENM].Skipped.
//
// The memory it takes is bounded by the length of data. It keeps no reference to
// data.
func Unmarshal(data []byte) (*DENM, error) {
	c := coder{buf: data}
	d := room(data)
	c.denm(d)
	if c.err != nil {
		return nil, c.err
	}
	if c.end(); c.err != nil {
		return nil, c.err
	}
	d.Skipped = c.skipped
	return d, nil
}

// end reports what is left after the last field.
func (c *coder) end() {
	if c.left() >= 8 {
		c.syntax("", ErrTrailing)
		return
	}
	if padding, _ := c.take(uint(c.left())); padding != 0 {
		c.syntax("", ErrPadding)
	}
}

// room returns an empty DENM. Where the message is long enough to have them, its
// situation, location and first trace are part of the same allocation.
func room(data []byte) *DENM {
	const shortest, situationAndLocation = 40, 3 << 6
	if len(data) <= shortest || data[6]&situationAndLocation != situationAndLocation {
		return new(DENM)
	}
	m := &struct {
		denm      DENM
		situation Situation
		location  Location
		traces    [1]PathHistory
	}{}
	m.location.Traces = m.traces[:0:1]
	m.denm.Situation, m.denm.Location = &m.situation, &m.location
	return &m.denm
}
