package uper

// count walks over the length of a list, in the range of s, and returns it.
// Every element takes at least so many bits; a list that cannot be in what is
// left of the message is refused before memory is set aside for it.
func (c *coder) count(n int, s *span, bits int) int {
	length := uint32(min(n, maxLength))
	number(c, &length, s)
	return c.affordable(length, s, bits)
}

// maxLength is above every length that can be written.
const maxLength = 1 << 20

// extensibleCount walks over the length of a list that may grow: SIZE (1..8,
// ...). A length beyond the range comes as a length determinant.
func (c *coder) extensibleCount(n int, s *span, bits int) int {
	length := uint32(min(n, maxLength))
	if c.writing {
		beyond := int64(length) > s.most
		c.write(one(beyond), 1)
		if beyond {
			c.length(int(length), s.name)
		} else {
			number(c, &length, s)
		}
		return n
	}
	if c.bit() {
		length = uint32(c.length(0, s.name))
		if c.err == nil && int64(length) < s.least {
			c.outOfRange(s, int64(length))
		}
	} else {
		number(c, &length, s)
	}
	return c.affordable(length, s, bits)
}

func (c *coder) affordable(length uint32, s *span, bits int) int {
	if c.err != nil {
		return 0
	}
	if !c.writing && int(length)*bits > c.left() {
		c.syntax(s.name, ErrTruncated)
		return 0
	}
	return int(length)
}

// length walks over a length determinant (X.691, 11.9), which counts octets or
// elements: 1 octet for up to 127, 2 for up to 16383. Beyond that a value comes
// in fragments, which no DENM needs.
func (c *coder) length(n int, member string) int {
	if c.writing {
		switch {
		case n < 1<<7:
			c.write(uint64(n), 8)
		case n < 1<<14:
			c.write(1<<15|uint64(n), 16)
		default:
			c.wrong(member, "is longer than 16383")
		}
		return n
	}
	u, ok := c.take(8)
	switch {
	case ok && u < 1<<7:
		return int(u)
	case ok && u >= 3<<6:
		c.syntax(member, ErrExtension)
		return 0
	}
	low, ok2 := c.take(8)
	if !ok || !ok2 {
		c.syntax(member, ErrTruncated)
		return 0
	}
	return int(u&(1<<6-1)<<8 | low)
}

// sized makes room for the n elements of a list that is read.
func sized[E any](c *coder, list *[]E, n int) {
	switch {
	case c.writing:
	case n == 0:
		*list = nil
	case n <= cap(*list):
		*list = (*list)[:n]
	default:
		*list = make([]E, n)
	}
}
