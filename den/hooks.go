package den

import "time"

// Hooks tell a program what the service does, for its metrics and traces. Each of them
// may be nil. They are called one after the other, in the order of what they tell, and
// the service waits for them: they must return soon, and must not call the service. One
// that panics does no harm; it is counted and logged.
type Hooks struct {
	// Settled is called when DENMs are published, and inputs acknowledged if there are
	// any; also for a batch that no DENM came of.
	Settled func(Settled)
	// Refused is called for what changes nothing, with the reason: an error of
	// [DenService.HandleCollisions] or [DenService.HandleDENM] that is not the
	// Publisher's; and with ErrTooLate for each DENM whose validity ended before it could
	// be published. The input is nil in a direct call.
	Refused func(in *Input, reason error)
	// Rejected is called for an input that is no message, is lost, or that the Store
	// keeps failing on.
	Rejected func(in *Input, reason error)
	// Delivered is called for each DENM that Config.Received takes for news; without a
	// Received for none. It may look into that. To answer with [DenService.Negate], hand
	// the DENM to another goroutine.
	Delivered func(*DENM)
}

// Settled is what was published and acknowledged in one go. It may be kept, and must not
// be changed.
type Settled struct {
	Inputs  []Input  // in their order; none in a direct call, for cancellations and repetitions
	Outputs []Output // in their order; Output.Input is an index into Inputs, if there are any
	// Duration is how long it took to publish and acknowledge, attempts that failed
	// included.
	Duration time.Duration
}

func (s *DenService) tellSettled(inputs []Input, outputs []Output, began time.Time) {
	if s.cfg.Hooks.Settled != nil {
		s.guarded(func() { s.cfg.Hooks.Settled(Settled{inputs, outputs, time.Since(began)}) })
	}
}

func (s *DenService) tellRefused(in *Input, reason error) {
	if s.cfg.Hooks.Refused != nil {
		s.guarded(func() { s.cfg.Hooks.Refused(in, reason) })
	}
}

func (s *DenService) tellRejected(in *Input, reason error) {
	if s.cfg.Hooks.Rejected != nil {
		s.guarded(func() { s.cfg.Hooks.Rejected(in, reason) })
	}
}

func (s *DenService) tellDelivered(d *DENM) {
	if s.cfg.Hooks.Delivered != nil {
		s.guarded(func() { s.cfg.Hooks.Delivered(d) })
	}
}

// guarded calls a hook. Its panics are counted, and logged ever more rarely: they come
// again with every message.
func (s *DenService) guarded(hook func()) {
	defer func() {
		if problem := recover(); problem != nil {
			if n := s.counts.hookPanics.Add(1); n&(n-1) == 0 {
				s.log.Error("a hook panicked", "panic", problem, "panics", n)
			}
		}
	}()
	hook()
}
