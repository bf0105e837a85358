package uper

import (
	"strings"
	"unicode/utf8"
)

// An alphabet is the characters of an ASN.1 string type. In a text each of them
// is its index, in as few bits as all indices need (X.691, 30.5).
type alphabet struct {
	name string
	bits uint
	code func(character byte) (index uint64, ok bool)
	char func(index uint64) (character byte, ok bool)
}

var ia5 = &alphabet{
	name: "IA5String",
	bits: 7,
	code: func(character byte) (uint64, bool) { return uint64(character), character < 128 },
	char: func(index uint64) (byte, bool) { return byte(index), true },
}

// numeric is the space and the digits.
var numeric = &alphabet{
	name: "NumericString",
	bits: 4,
	code: func(character byte) (uint64, bool) {
		i := strings.IndexByte(numerals, character)
		return uint64(i), i >= 0
	},
	char: func(index uint64) (byte, bool) {
		if index >= uint64(len(numerals)) {
			return 0, false
		}
		return numerals[index], true
	},
}

const numerals = " 0123456789"

// text walks over a string of an alphabet; s is the range of its length, which
// is not sent where it is fixed.
func (c *coder) text(v *string, s *span, a *alphabet) {
	n := c.count(len(*v), s, int(a.bits))
	if c.err != nil {
		return
	}
	if c.writing {
		for i := range n {
			u, ok := a.code((*v)[i])
			if !ok {
				c.wrong(s.name, "has a character that "+a.name+" does not have")
				return
			}
			c.write(u, a.bits)
		}
		return
	}
	characters := make([]byte, n)
	for i := range characters {
		u, _ := c.take(a.bits) // count has seen that they are there
		character, ok := a.char(u)
		if !ok {
			c.wrong(s.name, "has a character that "+a.name+" does not have")
			return
		}
		characters[i] = character
	}
	*v = string(characters)
}

// utf8 walks over an UTF8String; s is the range of its length in characters. The
// length that is sent is in octets, whatever s says (X.691, 30.6).
func (c *coder) utf8(v *string, s *span) {
	if c.writing {
		c.checkUTF8(*v, s)
		c.length(len(*v), s.name)
		for i := range len(*v) {
			c.write(uint64((*v)[i]), 8)
		}
		return
	}
	n := c.length(0, s.name)
	if n*8 > c.left() {
		c.syntax(s.name, ErrTruncated)
		return
	}
	octets := make([]byte, n)
	for i := range octets {
		u, _ := c.take(8)
		octets[i] = byte(u)
	}
	if c.err == nil {
		*v = string(octets)
		c.checkUTF8(*v, s)
	}
}

func (c *coder) checkUTF8(v string, s *span) {
	if !utf8.ValidString(v) {
		c.wrong(s.name, "is not UTF-8")
	} else if n := int64(utf8.RuneCountInString(v)); n < s.least || n > s.most {
		c.outOfRange(s, n)
	}
}
