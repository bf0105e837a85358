package uper

import "encoding/binary"

// A coder walks over a DENM once and either writes it or reads it. Every
// container has one method that names its members in the order of ETSI's ASN.1
// module, and the same method serves both directions: the layout of a container
// is written down in one place, so writing and reading cannot disagree.
//
// When writing, the DENM is only read: a caller may marshal one DENM from several
// goroutines.
//
// Bits go through a 64-bit accumulator. The first error stays; what is walked
// over after it has no effect.
type coder struct {
	writing bool
	// version1 is true for protocolVersion 1, whose grammar differs in places.
	version1 bool

	buf  []byte // what was written, or the message that is read
	next int    // reading: the index in buf of the next byte for acc
	// acc holds bits that are on their way. Writing: the lowest held bits, not
	// yet in buf; what lies above them is stale. Reading: the highest held
	// bits, not yet taken; what lies below them is already the message's.
	acc  uint64
	held uint

	path  [8]step // where the walk is; no container lies deeper
	depth int

	skipped Skipped
	err     error
}

// A step is one component of the path to a field.
type step struct {
	name  string
	index int // of an element of a list; -1 elsewhere
}

func (c *coder) enter(name string) {
	c.path[c.depth] = step{name, -1}
	c.depth++
}

// at says which element of the list that was entered is walked over.
func (c *coder) at(index int) { c.path[c.depth-1].index = index }

func (c *coder) leave() { c.depth-- }

// write appends the lowest n bits of v, whose other bits are zero.
func (c *coder) write(v uint64, n uint) {
	free := 64 - c.held
	if n < free {
		c.acc = c.acc<<n | v
		c.held += n
		return
	}
	c.held = n - free
	c.buf = binary.BigEndian.AppendUint64(c.buf, c.acc<<free|v>>c.held)
	c.acc = v
}

// settle moves whole bytes from the accumulator into buf.
func (c *coder) settle() {
	for ; c.held >= 8; c.held -= 8 {
		c.buf = append(c.buf, byte(c.acc>>(c.held-8)))
	}
}

// flush ends the message: zeros fill up its last byte.
func (c *coder) flush() {
	c.settle()
	if c.held > 0 {
		c.buf = append(c.buf, byte(c.acc<<(8-c.held)))
		c.held = 0
	}
}

// written returns the number of bits in buf and the accumulator.
func (c *coder) written() int { return len(c.buf)*8 + int(c.held) }

// take returns the next n bits, at most 57, or false where fewer are left.
func (c *coder) take(n uint) (uint64, bool) {
	if n > c.held && !c.refill(n) {
		return 0, false
	}
	// That is c.acc >> (64-n), said so that no shift needs a check for 64.
	v := c.acc >> 1 >> ((63 - n) & 63)
	c.acc <<= n & 63
	c.held -= n
	return v, true
}

func (c *coder) refill(n uint) bool {
	if len(c.buf)-c.next >= 8 {
		// Bits below the whole bytes that are counted get into acc as well.
		// The next refill puts the same bits there again.
		c.acc |= binary.BigEndian.Uint64(c.buf[c.next:]) >> c.held
		whole := (64 - c.held) / 8
		c.next += int(whole)
		c.held += whole * 8
		return true
	}
	for ; c.held <= 56 && c.next < len(c.buf); c.next++ {
		c.acc |= uint64(c.buf[c.next]) << (56 - c.held)
		c.held += 8
	}
	return n <= c.held
}

// left returns the number of bits that were not taken yet.
func (c *coder) left() int { return (len(c.buf)-c.next)*8 + int(c.held) }

// taken returns the number of bits that were taken.
func (c *coder) taken() int { return len(c.buf)*8 - c.left() }

// stop makes everything that is still walked over find an empty message.
func (c *coder) stop() {
	c.next, c.held, c.acc = len(c.buf), 0, 0
}
