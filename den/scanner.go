package den

import (
	"encoding/binary"
	"errors"
	"math/bits"
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
	depth int      // how many objects and arrays are open
	first bool     // nothing of the innermost was read yet, so no comma comes
	names [][]byte // the keys of the open objects that have to be noticed when they come twice
}

// begin begins with another text, and forgets the one before. It sets field by field what
// a literal would set by way of a copy.
func (s *scanner) begin(text []byte) {
	s.text, s.pos, s.depth, s.first = text, 0, 0, false
	s.forget(0)
}

// errNotPlain says that the text has to be read with jsontext.
var errNotPlain = errors.New("den: not plain JSON")

// space passes over white space, and returns the byte behind it, 0 at the end.
func (s *scanner) space() byte {
	if c := s.at(); c > ' ' {
		return c
	}
	return s.spaces()
}

func (s *scanner) spaces() byte {
	for ; s.pos < len(s.text); s.pos++ {
		if c := s.text[s.pos]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
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

// named reads the next member's key if it is this one, with the comma before it, and
// stands there as programs write it.
func (s *scanner) named(key string) bool {
	text := s.text[s.pos:]
	if s.first {
		key = key[1:]
	} else if len(text) > 1 && text[1] == ' ' && text[0] == ',' {
		text, key = text[2:], key[1:]
	}
	if len(text) < len(key) || string(text[:len(key)]) != key {
		return false
	}
	s.pos, s.first = len(s.text)-len(text)+len(key), false
	return true
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
	if s.open('{') != nil {
		return false
	}
	seen := len(s.names)
	for s.more() {
		name, err := s.name()
		if err != nil || !s.unseen(name, seen) {
			return false
		}
		if _, err := s.value(); err != nil {
			return false
		}
	}
	s.forget(seen)
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
		i += ordinaryBytes(s.text[i:])
		if i == len(s.text) {
			return false
		}
		switch c := s.text[i]; {
		case c == '"':
			s.pos = i + 1
			return ascii || utf8.Valid(s.text[start:i])
		case c == '\\' || c < ' ':
			return false
		}
		ascii = false
	}
	return false
}

// ordinaryBytes returns with how many ordinary bytes the text begins. It looks at eight at
// once: a byte is special if its highest bit is set in special, and those before the
// first one are told right, for no borrow comes from them.
func ordinaryBytes(text []byte) (n int) {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	for ; n+8 <= len(text); n += 8 {
		word := binary.LittleEndian.Uint64(text[n:])
		quote, backslash := word^each*'"', word^each*'\\'
		special := (word | (word-each*' ')&^word | (quote-each)&^quote | (backslash-each)&^backslash) & highest
		if special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for n < len(text) && ordinary[text[n]] {
		n++
	}
	return n
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

// at returns the next byte, 0 at the end.
func (s *scanner) at() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

// maxNames bounds the keys of an object that are compared each with each.
const maxNames = 24

// forget forgets the keys that were noted since there were seen of them.
func (s *scanner) forget(seen int) {
	clear(s.names[seen:])
	s.names = s.names[:seen]
}

// unseen reports whether the key is not among those noted since there were seen of them,
// and notes it.
func (s *scanner) unseen(name []byte, seen int) bool {
	if len(s.names) == seen+maxNames {
		return false
	}
	for _, other := range s.names[seen:] {
		if string(other) == string(name) {
			return false
		}
	}
	s.names = append(s.names, name)
	return true
}
