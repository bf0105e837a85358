package den

// ParseTermination reads a DENM that ends an event: a negation or a
// cancellation. Of such a message only the action id and the termination are
// needed, and it must never be refused for anything else: a missing, unknown or
// illegal value in another field is read as absent. That the text is JSON, and
// the limits of [ParseDENM], hold here too.
//
// The DENM it returns has an action id and a termination, and as much of the
// sending station and the times as could be read; the rest is not looked at.
func ParseTermination(data []byte) (*DENM, error) {
	d := new(DENM)
	if err := read(data, func(r *reader) error { return terminationKeys.read(r, d) }); err != nil {
		return nil, err
	}
	return d, nil
}

var terminationKeys = newObject([]field[DENM]{
	{"stationId", optional, func(r *reader, d *DENM) error {
		return lenient(r, func(n []byte) {
			if id, ok := wholeNumber(n); ok && spanStationID.holds(id) {
				d.StationID = StationID(id)
			}
		})
	}},
	{"managementContainer", required, func(r *reader, d *DENM) error { return endKeys.read(r, &d.Management) }},
})

var endKeys = newObject([]field[Management]{
	{"actionId", required, intoActionID},
	{"detectionTime", optional, func(r *reader, m *Management) error {
		return lenient(r, func(text []byte) { _ = m.DetectionTime.UnmarshalText(unquoteOr(text)) })
	}},
	{"referenceTime", optional, func(r *reader, m *Management) error {
		return lenient(r, func(text []byte) { _ = m.ReferenceTime.UnmarshalText(unquoteOr(text)) })
	}},
	{"termination", required, intoTermination},
})

// lenient reads a value that must be JSON but may otherwise be anything.
func lenient(r *reader, take func(v []byte)) error {
	switch r.peek() {
	case '{', '[':
		return r.skip()
	}
	v, err := r.value()
	if err == nil {
		take(v)
	}
	return err
}

func unquoteOr(v []byte) []byte {
	if v[0] == '"' {
		return unquote(v)
	}
	return v
}
