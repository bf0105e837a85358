package uper

// A SEQUENCE whose type may grow begins with a bit that says whether additions
// follow its root: their number, one bit for each, and the ones that are there,
// each as an "open type": its length in octets and its encoding, filled up with
// zeros (X.691, 19.6 to 19.9). So a reader can pass over what it does not know.

// extended walks over the bit that says whether additions follow.
func (c *coder) extended(v bool) bool { return c.present(v) }

// additions walks over which additions follow, where extended said that there
// are some. Writing, it is the first of the known ones, which is the only one that
// this package writes. Reading, the result has bit i set for addition i; n is how
// many there could be. A sender tells how many additions it knows, so the number
// differs between versions of a type.
func (c *coder) additions(extended bool, known int) (there uint64, n int) {
	if !extended {
		return 0, 0
	}
	if c.writing {
		c.write(uint64(known-1), 7) // as a normally small length
		c.write(1<<(known-1), uint(known))
		return 1, 1
	}
	if c.bit() {
		c.syntax("", ErrExtension) // more than 64
		return 0, 0
	}
	u, ok := c.take(6)
	if !ok {
		c.syntax("", ErrTruncated)
		return 0, 0
	}
	n = int(u) + 1
	for i := range n {
		there |= one(c.bit()) << i
	}
	return there, n
}

// noAdditions walks over the additions of a container of which this package
// knows none: they are passed over.
func (c *coder) noAdditions(extended bool, s Skipped) {
	there, n := c.additions(extended, 0)
	c.skipAdditions(there, n, s)
}

// skipAdditions passes over the additions that there has a bit for.
func (c *coder) skipAdditions(there uint64, n int, s Skipped) {
	for i := 0; i < n && c.err == nil; i++ {
		if there&(1<<i) != 0 {
			c.skipOpen()
			c.skipped |= s
		}
	}
}

// skipOpen passes over an open type.
func (c *coder) skipOpen() {
	octets := c.length(0, "")
	if octets*8 > c.left() {
		c.syntax("", ErrTruncated)
		return
	}
	c.skip(octets * 8)
}

// skip passes over bits that are known to be there.
func (c *coder) skip(n int) {
	for ; n > 0; n -= 56 {
		c.take(uint(min(n, 56)))
	}
}

// An open is an open type that is walked over: its first bit, and reading, its
// length.
type open struct{ first, octets int }

// open begins an open type.
func (c *coder) open() open {
	if c.writing {
		o := open{first: c.written()}
		c.write(0, 8) // for the length, which close knows
		return o
	}
	octets := c.length(0, "")
	if octets*8 > c.left() {
		c.syntax("", ErrTruncated)
	}
	return open{first: c.taken(), octets: octets}
}

// close ends an open type whose content was walked over.
func (c *coder) close(o open) {
	if c.err != nil {
		return
	}
	if !c.writing {
		c.closeRead(o)
		return
	}
	bits := c.written() - o.first - 8
	octets := max((bits+7)/8, 1)
	c.write(0, uint(octets*8-bits))
	c.settle()
	if octets < 1<<7 {
		setOctet(c.buf, o.first, byte(octets))
		return
	}
	c.lengthen(o, octets)
}

func (c *coder) closeRead(o open) {
	rest := o.octets*8 - (c.taken() - o.first)
	// An encoding without any bits still takes an octet.
	if rest < 0 || rest > 8 || rest == 8 && c.taken() != o.first {
		c.syntax("", ErrExtension)
		return
	}
	if padding, _ := c.take(uint(rest)); padding != 0 {
		c.syntax("", ErrPadding)
	}
}

// skipRest passes over what is left of an open type that is read.
func (c *coder) skipRest(o open) {
	if c.err != nil {
		return
	}
	rest := o.octets*8 - (c.taken() - o.first)
	if rest < 0 {
		c.syntax("", ErrExtension)
		return
	}
	c.skip(rest)
}

// lengthen writes the open type once more, with the longer form of its length.
// That is for content of 128 octets and more, which is rare.
func (c *coder) lengthen(o open, octets int) {
	content := make([]byte, octets)
	c.flush()
	for i := range content {
		content[i] = octet(c.buf, o.first+8+i*8)
	}
	// Back to where the open type begins.
	c.held = uint(o.first % 8)
	c.acc = uint64(c.buf[o.first/8]) >> (8 - c.held)
	c.buf = c.buf[:o.first/8]
	c.length(octets, "")
	for _, b := range content {
		c.write(uint64(b), 8)
	}
}

// setOctet sets 8 bits, which are zero, from the given bit on.
func setOctet(b []byte, bit int, v byte) {
	b[bit/8] |= v >> (bit % 8)
	if bit%8 > 0 {
		b[bit/8+1] |= v << (8 - bit%8)
	}
}

// octet returns the 8 bits from the given bit on.
func octet(b []byte, bit int) byte {
	v := b[bit/8] << (bit % 8)
	if bit%8 > 0 {
		v |= b[bit/8+1] >> (8 - bit%8)
	}
	return v
}
