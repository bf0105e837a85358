package uper

// Validate reports what the codec lets pass, because it can be told in bits, and
// what ETSI does not allow, as a *[ValueError]: a message that ends an event has
// no container but management (EN 302 637-3, clause 7.1.1), and in release 2 any
// other message has a situation and a location (TS 103 831, DenmPayload) and not
// both eventHistory and eventEnd (SituationContainer). Messages that break this
// are in use, so neither Marshal, Unmarshal nor [DENM.ToDENM] asks for it.
func (d *DENM) Validate(r Release) error {
	if d == nil {
		return &ValueError{Problem: "there is no DENM"}
	}
	ends := d.Management.Termination.Valid
	switch {
	case ends && d.Situation != nil:
		return &ValueError{"situation", "must not be in a message that ends an event"}
	case ends && d.Location != nil:
		return &ValueError{"location", "must not be in a message that ends an event"}
	case ends && d.Alacarte != nil:
		return &ValueError{"alacarte", "must not be in a message that ends an event"}
	case ends || r == R1:
		return nil
	case d.Situation == nil:
		return &ValueError{"situation", "is missing, which release 2 demands"}
	case d.Location == nil:
		return &ValueError{"location", "is missing, which release 2 demands"}
	case d.Situation.EventHistory != nil && d.Situation.EventEnd.Valid:
		return &ValueError{"situation.eventEnd", "must not be there together with eventHistory in release 2"}
	}
	return nil
}
