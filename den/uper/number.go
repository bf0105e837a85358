package uper

import "math/bits"

// A span is a member that is a number: its name, its range, and the ASN.1 type
// that says so. It is also used for enumerations, by their codes, and for the
// lengths of lists and texts.
type span struct {
	name        string
	least, most int64
	bits        uint // of the difference to least (X.691, 11.5)
	clause      string
}

// Where ETSI defines a type. Its name is the title of its clause there; the number of the
// clause changes from version to version.
const (
	inDENM = ", EN 302 637-3 module DENM-PDU-Descriptions"
	inCDD  = ", TS 102 894-2 V1.3.1 annex A"
	inCDD2 = ", TS 102 894-2 V2.2.1 module ETSI-ITS-CDD"
)

func newSpan(name, typ string, least, most int64) *span {
	return newSpanIn(name, typ+inCDD, least, most)
}

// newR2Span is newSpan for a member that release 1 does not have.
func newR2Span(name, typ string, least, most int64) *span {
	return newSpanIn(name, typ+inCDD2, least, most)
}

func newDENMSpan(name, typ string, least, most int64) *span {
	return newSpanIn(name, typ+inDENM, least, most)
}

func newSpanIn(name, clause string, least, most int64) *span {
	return &span{name, least, most, uint(bits.Len64(uint64(most - least))), clause}
}

type integer interface {
	~int8 | ~int16 | ~int32 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// number walks over a number with a range.
func number[T integer](c *coder, v *T, s *span) {
	if c.writing {
		n := int64(*v)
		if n < s.least || n > s.most {
			c.outOfRange(s, n)
			return
		}
		c.write(uint64(n-s.least), s.bits)
		return
	}
	u, ok := c.take(s.bits)
	if !ok {
		c.syntax(s.name, ErrTruncated)
		return
	}
	n := int64(u) + s.least
	if n > s.most {
		c.outOfRange(s, n)
		return
	}
	*v = T(n)
}

// flag walks over one bit: a BOOLEAN, or whether an optional member is there.
func (c *coder) flag(v *bool) {
	if c.writing {
		c.write(one(*v), 1)
		return
	}
	*v = c.bit()
}

// present walks over the bit that says whether an optional container is there.
func (c *coder) present(v bool) bool {
	c.flag(&v)
	return v
}

// bit returns the next bit.
func (c *coder) bit() bool {
	if c.held == 0 && !c.refill(1) {
		c.syntax("", ErrTruncated)
		return false
	}
	v := c.acc>>63 != 0
	c.acc <<= 1
	c.held--
	return v
}

func one(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

// extensibleNumber walks over a number whose type may grow: INTEGER (1..65535,
// ...). What is beyond its range comes as a whole number of octets.
func (c *coder) extensibleNumber(v *uint32, s *span) {
	if c.writing {
		n := int64(*v)
		beyond := n > s.most
		c.write(one(beyond), 1)
		if !beyond {
			number(c, v, s)
			return
		}
		octets := uint(bits.Len64(uint64(n)))/8 + 1 // the sign bit needs room
		c.write(uint64(octets), 8)
		c.write(uint64(n), octets*8)
		return
	}
	if !c.bit() {
		number(c, v, s)
		return
	}
	octets, ok := c.take(8)
	if ok && (octets == 0 || octets > 5) {
		c.wrong(s.name, "the extended value is not in 1..4294967295")
		return
	}
	u, ok2 := c.take(uint(octets) * 8)
	if !ok || !ok2 {
		c.syntax(s.name, ErrTruncated)
		return
	}
	unused := 64 - uint(octets)*8
	n := int64(u<<unused) >> unused
	if n < s.least || n > 1<<32-1 {
		c.wrong(s.name, "the extended value is not in 1..4294967295")
		return
	}
	*v = uint32(n)
}

// extensibleEnum walks over an enumeration that may grow. The codes of s are in
// its root; the additions, which have the codes after them, come as "normally
// small numbers" (X.691, 11.6).
func extensibleEnum[T ~uint8](c *coder, v *T, s *span) {
	if c.writing {
		beyond := int64(*v) - s.most - 1
		c.write(one(beyond >= 0), 1)
		switch {
		case beyond < 0:
			number(c, v, s)
		case beyond < 64:
			c.write(uint64(beyond), 7)
		default:
			c.write(1, 1)
			c.write(1, 8)
			c.write(uint64(beyond), 8)
		}
		return
	}
	if !c.bit() {
		number(c, v, s)
		return
	}
	var n uint64
	var ok bool
	if c.bit() {
		octets, there := c.take(8)
		if there && (octets == 0 || octets > 4) {
			c.wrong(s.name, "the value is unknown and too large to keep")
			return
		}
		n, ok = c.take(uint(octets) * 8)
		ok = ok && there
	} else {
		n, ok = c.take(6)
	}
	if !ok {
		c.syntax(s.name, ErrTruncated)
		return
	}
	if n += uint64(s.most) + 1; n > 255 {
		c.wrong(s.name, "the value is unknown and too large to keep")
		return
	}
	*v = T(n)
}
