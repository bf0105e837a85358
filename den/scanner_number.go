package den

// integer reads a number if it is a whole one and not too long.
func (s *scanner) integer() (n int64, ok bool) {
	text := s.text[s.pos:]
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	n, digits := leadingDigits(text)
	if digits == 0 || digits > 18 {
		return 0, false
	}
	return s.signed(n, text[digits:], negative)
}

// degrees reads a number of degrees that has at most seven decimals, as 1e-7 degrees.
func (s *scanner) degrees() (e7 int64, ok bool) {
	text := s.text[s.pos:]
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	n, digits := leadingDigits(text)
	if digits == 0 || digits > 3 {
		return 0, false
	}
	decimals := 0
	if text = text[digits:]; len(text) > 0 && text[0] == '.' {
		for text = text[1:]; len(text) > 0 && '0' <= text[0] && text[0] <= '9' && decimals < 7; text = text[1:] {
			n = n*10 + int64(text[0]-'0')
			decimals++
		}
		if decimals == 0 {
			return 0, false
		}
	}
	return s.signed(n*[...]int64{1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1}[decimals], text, negative)
}

// leadingDigits reads the digits with which the text begins. There are none if a zero
// stands before others, and their amount is of no use if there are more than 18.
func leadingDigits(text []byte) (n int64, digits int) {
	for digits < len(text) {
		c := text[digits] - '0'
		if c > 9 {
			break
		}
		n = n*10 + int64(c)
		digits++
	}
	if digits > 1 && text[0] == '0' {
		return 0, 0
	}
	return n, digits
}

// signed takes a number behind which the rest stands, unless it goes on there.
func (s *scanner) signed(amount int64, rest []byte, negative bool) (int64, bool) {
	if len(rest) > 0 {
		if c := rest[0]; c == '.' || c == 'e' || c == 'E' || '0' <= c && c <= '9' {
			return 0, false
		}
	}
	s.pos = len(s.text) - len(rest)
	if negative {
		return -amount, true
	}
	return amount, true
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
