package den

// whole looks at the whole part of the number that comes next: its amount and its end in
// text, which begins with the number. It is not ok if it has no digits, more than most, or
// a zero before others.
func (s *scanner) whole(most int) (text []byte, amount int64, end int, negative, ok bool) {
	s.space()
	text = s.text[s.pos:]
	first := 0
	if len(text) > 0 && text[0] == '-' {
		first = 1
	}
	end = first
	for ; end < len(text) && '0' <= text[end] && text[end] <= '9'; end++ {
		amount = amount*10 + int64(text[end]-'0')
	}
	digits := end - first
	return text, amount, end, first == 1, digits == 1 || 1 < digits && digits <= most && text[first] != '0'
}

// signed takes the number that ends there, unless it goes on.
func (s *scanner) signed(text []byte, amount int64, end int, negative bool) (int64, bool) {
	if end < len(text) {
		if c := text[end]; c == '.' || c == 'e' || c == 'E' || '0' <= c && c <= '9' {
			return 0, false
		}
	}
	s.pos += end
	if negative {
		return -amount, true
	}
	return amount, true
}

// integer reads a number if it is a whole one and not too long.
func (s *scanner) integer() (n int64, ok bool) {
	text, amount, end, negative, ok := s.whole(18)
	if !ok {
		return 0, false
	}
	return s.signed(text, amount, end, negative)
}

// degrees reads a number of degrees that has at most seven decimals, as 1e-7 degrees.
func (s *scanner) degrees() (e7 int64, ok bool) {
	text, amount, end, negative, ok := s.whole(3)
	if !ok {
		return 0, false
	}
	decimals := 0
	if end < len(text) && text[end] == '.' {
		for end++; end < len(text) && '0' <= text[end] && text[end] <= '9' && decimals < 7; end++ {
			amount = amount*10 + int64(text[end]-'0')
			decimals++
		}
		if decimals == 0 {
			return 0, false
		}
	}
	return s.signed(text, amount*[...]int64{1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1}[decimals], end, negative)
}

// quantity reads a value and its confidence, which may be null, if that is all there is
// in the object, and in this order. Otherwise it reads nothing.
func (s *scanner) quantity() (value int64, confidence Optional[int64], ok bool) {
	start := s.pos
	if s.space() == '{' {
		s.pos++
		s.first = true
		if s.named(`,"value":`) {
			if value, ok = s.integer(); ok && s.named(`,"confidence":`) {
				if s.space() == 'n' {
					ok = s.literal("null")
				} else {
					confidence.Value, confidence.Valid = s.integer()
					ok = confidence.Valid
				}
				if ok && s.space() == '}' {
					s.pos++
					return value, confidence, true
				}
			}
		}
	}
	s.pos, s.first = start, false
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
