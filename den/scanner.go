package den

import (
	"errors"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner walks through a JSON text as jsontext does, at a fraction of the cost. It
// knows the plain part of JSON, which is what senders write. Whatever is not plain it
// gives up on: what is wrong, an escape in a string, an object with more keys than
// any of ours, a nesting deeper than maxDepth. The text is then read again with jsontext,
// which takes it or says what is wrong with it, and where. So there is nothing that only
// the scanner accepts, and a fuzz test holds it to that.
type scanner struct {
	text  []byte
	pos   int
	depth int  // how many objects and arrays are open
	first bool // nothing of the innermost was read yet, so no comma comes
}

// errNotPlain says that the text has to be read with jsontext.
var errNotPlain = errors.New("den: not plain JSON")

// space passes over white space, and returns the byte behind it, 0 at the end.
func (s *scanner) space() byte {
	for ; s.pos < len(s.text); s.pos++ {
		if c := s.text[s.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// kind returns the kind of the next value, as jsontext has them.
func (s *scanner) kind() jsontext.Kind {
	c := s.space()
	if c == '-' || '0' <= c && c <= '9' {
		return '0'
	}
	return jsontext.Kind(c)
}

// open reads the start of an object or array.
func (s *scanner) open(begin byte) error {
	if s.space() != begin || s.depth == maxDepth {
		return errNotPlain
	}
	s.pos++
	s.depth++
	s.first = true
	return nil
}

// more reports whether the object or array has another member, and reads the comma
// before it. It may be asked once a member.
func (s *scanner) more() bool {
	c := s.space()
	switch {
	case c == '}' || c == ']':
		return false
	case s.first:
		s.first = false
	case c == ',':
		s.pos++
		if c := s.space(); c == '}' || c == ']' {
			s.pos = len(s.text) // a comma too many; reading a member will fail
		}
	default:
		s.pos = len(s.text)
	}
	return true
}

// close reads the end of an object or array.
func (s *scanner) close(end byte) error {
	if s.space() != end {
		return errNotPlain
	}
	s.pos++
	s.depth--
	s.first = false
	return nil
}

// end reports whether nothing is left.
func (s *scanner) end() error {
	if s.space() != 0 || s.pos < len(s.text) {
		return errNotPlain
	}
	return nil
}

// name reads the key of a member, and returns it with its quotation marks.
func (s *scanner) name() ([]byte, error) {
	if s.space() != '"' {
		return nil, errNotPlain
	}
	start := s.pos
	if !s.str() {
		return nil, errNotPlain
	}
	end := s.pos
	if s.space() != ':' {
		return nil, errNotPlain
	}
	s.pos++
	return s.text[start:end], nil
}

// named reads the key of a member if it is this one, which has only ordinary characters.
func (s *scanner) named(name string) bool {
	if s.space() != '"' {
		return false
	}
	end := s.pos + len(name) + 2
	if end >= len(s.text) || s.text[end] != ':' || s.text[end-1] != '"' || string(s.text[s.pos+1:end-1]) != name {
		return false
	}
	s.pos = end + 1
	return true
}

// integer reads a number if it is a whole one and not too long.
func (s *scanner) integer() (n int64, ok bool) {
	c := s.space()
	start := s.pos
	if c == '-' {
		s.pos++
	}
	first := s.pos
	for s.pos < len(s.text) && '0' <= s.text[s.pos] && s.text[s.pos] <= '9' {
		n = n*10 + int64(s.text[s.pos]-'0')
		s.pos++
	}
	digits := s.pos - first
	if end := s.at(); digits == 0 || digits > 18 || digits > 1 && s.text[first] == '0' || end == '.' || end == 'e' || end == 'E' {
		s.pos = start
		return 0, false
	}
	if c == '-' {
		n = -n
	}
	return n, true
}

// value reads the next value whole. It calls itself no deeper than maxDepth.
func (s *scanner) value() ([]byte, error) {
	c := s.space()
	start, plain := s.pos, false
	switch {
	case c == '"':
		plain = s.str()
	case c == '-' || '0' <= c && c <= '9':
		plain = s.number()
	case c == '{':
		plain = s.object()
	case c == '[':
		plain = s.array()
	case c == 't':
		plain = s.literal("true")
	case c == 'f':
		plain = s.literal("false")
	case c == 'n':
		plain = s.literal("null")
	}
	if !plain {
		return nil, errNotPlain
	}
	return s.text[start:s.pos], nil
}

func (s *scanner) object() bool {
	var seen names
	if s.open('{') != nil {
		return false
	}
	for s.more() {
		name, err := s.name()
		if err != nil || !seen.add(name) {
			return false
		}
		if _, err := s.value(); err != nil {
			return false
		}
	}
	return s.close('}') == nil
}

func (s *scanner) array() bool {
	if s.open('[') != nil {
		return false
	}
	for s.more() {
		if _, err := s.value(); err != nil {
			return false
		}
	}
	return s.close(']') == nil
}

// str reads a string.
func (s *scanner) str() bool {
	ascii := true
	start := s.pos + 1
	for i := start; i < len(s.text); i++ {
		c := s.text[i]
		if ordinary[c] {
			continue
		}
		switch {
		case c == '"':
			s.pos = i + 1
			return ascii || utf8.Valid(s.text[start:i])
		case c < utf8.RuneSelf:
			return false
		}
		ascii = false
	}
	return false
}

// ordinary are the ASCII characters that stand for themselves in a string.
var ordinary = func() (all [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		all[c] = c != '"' && c != '\\'
	}
	return all
}()

func (s *scanner) literal(word string) bool {
	end := s.pos + len(word)
	if end > len(s.text) || string(s.text[s.pos:end]) != word {
		return false
	}
	s.pos = end
	return true
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

// at returns the next byte, 0 at the end.
func (s *scanner) at() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

// names are the keys of an object, to notice one that comes twice.
type names struct {
	n    int
	list [24][]byte
}

// add reports false for a name that was there before, or is one too many.
func (s *names) add(name []byte) bool {
	if s.n == len(s.list) {
		return false
	}
	for _, other := range s.list[:s.n] {
		if string(other) == string(name) {
			return false
		}
	}
	s.list[s.n] = name
	s.n++
	return true
}
