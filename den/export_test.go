package den

// Repetitions returns how many repetitions are waiting.
func (s *DenService) Repetitions() int { return len(s.repetitions.left()) }
