package den

// integer reads a number if it is a whole one and not too long.
func (s *scanner) integer() (n int64, ok bool) {
	s.space()
	text := s.text[s.pos:]
	first := 0
	if len(text) > 0 && text[0] == '-' {
		first = 1
	}
	i := first
	for ; i < len(text) && '0' <= text[i] && text[i] <= '9'; i++ {
		n = n*10 + int64(text[i]-'0')
	}
	if digits := i - first; digits == 0 || digits > 18 || digits > 1 && text[first] == '0' {
		return 0, false
	}
	if i < len(text) && (text[i] == '.' || text[i] == 'e' || text[i] == 'E') {
		return 0, false
	}
	s.pos += i
	if first == 1 {
		n = -n
	}
	return n, true
}

// degrees reads a number of degrees that has at most seven decimals, as 1e-7 degrees.
func (s *scanner) degrees() (e7 int64, ok bool) {
	s.space()
	text := s.text[s.pos:]
	first := 0
	if len(text) > 0 && text[0] == '-' {
		first = 1
	}
	i := first
	for ; i < len(text) && '0' <= text[i] && text[i] <= '9'; i++ {
		e7 = e7*10 + int64(text[i]-'0')
	}
	if digits := i - first; digits == 0 || digits > 3 || digits > 1 && text[first] == '0' {
		return 0, false
	}
	unit := int64(1e7)
	if i < len(text) && text[i] == '.' {
		for i++; i < len(text) && '0' <= text[i] && text[i] <= '9' && unit > 1; i++ {
			e7, unit = e7*10+int64(text[i]-'0'), unit/10
		}
		if unit == 1e7 {
			return 0, false
		}
	}
	if i < len(text) && (text[i] == '.' || text[i] == 'e' || text[i] == 'E' || '0' <= text[i] && text[i] <= '9') {
		return 0, false
	}
	s.pos += i
	e7 *= unit
	if first == 1 {
		e7 = -e7
	}
	return e7, true
}

// quantity reads a value and its confidence, which may be null, if that is all there is
// in the object, and in this order. Otherwise it reads nothing.
func (s *scanner) quantity() (value int64, confidence Optional[int64], ok bool) {
	start := *s
	if s.open('{') == nil && s.named("value") {
		if value, ok = s.integer(); ok && s.named("confidence") {
			if s.space() == 'n' {
				ok = s.literal("null")
			} else {
				confidence.Value, confidence.Valid = s.integer()
				ok = confidence.Valid
			}
			if ok && s.close('}') == nil {
				return value, confidence, true
			}
		}
	}
	*s = start
	return 0, Optional[int64]{}, false
}

// number reads a number: an integer, a fraction, an exponent. What follows it is
// looked at by whoever reads on.
func (s *scanner) number() bool {
	if s.text[s.pos] == '-' {
		s.pos++
	}
	if zero := s.pos; s.digits() == 0 || s.text[zero] == '0' && s.pos > zero+1 {
		return false
	}
	if s.at() == '.' {
		s.pos++
		if s.digits() == 0 {
			return false
		}
	}
	if c := s.at(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.at(); c == '+' || c == '-' {
			s.pos++
		}
		return s.digits() > 0
	}
	return true
}

// digits passes over digits, and returns how many there are.
func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.text) && '0' <= s.text[s.pos] && s.text[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}
