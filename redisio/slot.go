package redisio

import (
	"fmt"
	"strings"
)

// validateSlots sees to it that all streams lie on the same node of a cluster,
// whatever becomes of it: a commit writes to all of them in one step. The keys
// that are made from their names then lie there too, since they begin with them.
func (o Options) validateSlots(wrong *mistakes) {
	type use struct{ field, stream string }
	var uses []use
	for i, in := range o.Inputs {
		uses = append(uses, use{fmt.Sprintf("Inputs[%d]", i), in.Stream})
	}
	for i, out := range o.Outputs {
		uses = append(uses, use{fmt.Sprintf("Outputs[%d]", i), out.Stream})
	}
	if o.DeadLetter.Stream != "" {
		uses = append(uses, use{"DeadLetter", o.DeadLetter.Stream})
	}
	first := -1
	for i, u := range uses {
		switch {
		case u.stream == "": // told already
		case hashTag(u.stream) == "":
			wrong.add("%s.Stream %q needs a hash tag in a cluster, the same as the others, such as %q",
				u.field, u.stream, "{producer}"+u.stream)
		case first < 0:
			first = i
		case slot(u.stream) != slot(uses[first].stream):
			wrong.add("%s.Stream %q must have the same hash tag in a cluster as %s.Stream %q",
				u.field, u.stream, uses[first].field, uses[first].stream)
		}
	}
}

// slot returns the hash slot of a key, which decides about its node in a cluster.
func slot(key string) uint16 {
	if tag := hashTag(key); tag != "" {
		key = tag
	}
	return crc16(key) % 16384
}

// hashTag returns what stands between the first { and the first } behind it. A
// key without it, or with nothing between them, is hashed as a whole.
func hashTag(key string) string {
	_, after, _ := strings.Cut(key, "{")
	tag, _, closed := strings.Cut(after, "}")
	if !closed {
		return ""
	}
	return tag
}

// crc16 is the checksum that the servers use, CRC-16/XMODEM.
func crc16(s string) uint16 {
	var sum uint16
	for _, c := range []byte(s) {
		sum ^= uint16(c) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}
