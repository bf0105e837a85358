package den

import "context"

// isOthers reports whether the DENM is for the table of received ones: about an event of
// another station.
func (s *DenService) isOthers(d *DENM) bool {
	return s.cfg.Received != nil && d != nil && d.Management.ActionID.OriginatingStationID != s.cfg.StationID
}

// receiveDENM handles a DENM about an event of another station. The caller has the turn.
func (s *DenService) receiveDENM(d *DENM, by *Input) error {
	s.counts.denms.Add(1)
	if err := s.cfg.Received.Handle(d, s.now()); err != nil {
		if !s.counts.refused(err) {
			s.counts.invalid.Add(1)
		}
		s.tellRefused(by, err)
		return err
	}
	s.counts.delivered.Add(1)
	s.tellDelivered(d)
	return nil
}

// Negate tells all stations that the event of another station, which Config.Received
// has, is over or never was: it publishes a DENM with termination isNegation.
//
// ErrUnknownAction says that no such event is known that has not ended, or that it is our
// own, and ErrTooLate that its validity is over; nothing is published then. Any other
// error is the Publisher's, and the call may be repeated.
func (s *DenService) Negate(ctx context.Context, id ActionID) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.passTurn()
	if s.cfg.Received == nil {
		return ErrUnknownAction
	}
	negation, err := s.cfg.Received.Negation(id, s.cfg.Template.StationType, s.now())
	if err != nil {
		return err
	}
	if err := s.publishOutputs(ctx, []Output{{DENM: negation}}); err != nil {
		return err
	}
	s.cfg.Received.Sent(negation)
	s.counts.negations.Add(1)
	return nil
}
