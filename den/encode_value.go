package den

import (
	"encoding/binary"
	"math/bits"
)

func appendNull(b []byte) []byte { return append(b, "null"...) }

// appendUint appends a number. Nearly all of a message are short: this takes a third of the
// time of strconv.
func appendUint[I ~uint8 | ~uint16 | ~uint32](b []byte, n I) []byte {
	if uint32(n) >= 10000 {
		return appendLong(b, uint32(n))
	}
	switch short := uint16(n); {
	case short < 10:
		return append(b, digit(short))
	case short < 100:
		return append(b, digit(short/10), digit(short))
	case short < 1000:
		return append(b, digit(short/100), digit(short/10), digit(short))
	default:
		return append(b, digit(short/1000), digit(short/100), digit(short/10), digit(short))
	}
}

func appendLong(b []byte, n uint32) []byte {
	if n >= 1e8 {
		b, n = appendUint(b, n/1e8), n%1e8
		return binary.LittleEndian.AppendUint64(b, zeros+eightDigits(n))
	}
	digits := eightDigits(n)
	leading := bits.TrailingZeros64(digits) / 8
	b = binary.LittleEndian.AppendUint64(b, (zeros+digits)>>(8*leading))
	return b[:len(b)-leading]
}

// zeros is the text of eight of them.
const zeros = 0x3030303030303030

// eightDigits returns the decimal digits of a number below 1e8, each as its amount in a
// byte, the first one in the lowest. It divides both halves by 100 at once, and then the
// quarters by 10, by multiplying.
func eightDigits(n uint32) uint64 {
	word := uint64(n/10000) | uint64(n%10000)<<32
	hundreds := word * 10486 >> 20 & 0x0000007f0000007f
	word = hundreds | (word-hundreds*100)<<16
	tens := word * 103 >> 10 & 0x000f000f000f000f
	return tens | (word-tens*10)<<8
}

func appendInt[I ~int16 | ~int32](b []byte, n I) []byte {
	if n < 0 {
		return appendUint(append(b, '-'), -uint32(n))
	}
	return appendUint(b, uint32(n))
}

func digit[I ~uint16 | ~uint32](n I) byte { return byte('0' + n%10) }

func appendOptional[I ~uint8 | ~uint16 | ~uint32](b []byte, n Optional[I]) []byte {
	if !n.Valid {
		return appendNull(b)
	}
	return appendUint(b, n.Value)
}

func appendTime(b []byte, t Timestamp) []byte {
	return append(t.append(append(b, '"')), '"')
}

// appendEnum writes the ETSI identifier; the names hold nothing to escape. A code
// without a name, which no decoded message has, is written as its number.
func appendEnum[T ~uint8](b []byte, v Optional[T], e *enum) []byte {
	if !v.Valid {
		return appendNull(b)
	}
	name, ok := e.lookup(uint8(v.Value))
	if !ok {
		return appendUint(b, v.Value)
	}
	b = append(append(b, '"'), name...)
	return append(b, '"')
}

func appendPlace[L Latitude | Longitude](b []byte, v Optional[L]) []byte {
	if !v.Valid {
		return appendNull(b)
	}
	return appendDegrees(b, int32(v.Value))
}

func (p *ReferencePosition) append(b []byte, last *written) []byte {
	b = appendDegrees(append(b, `{"latitude":`...), int32(p.Latitude))
	b = appendDegrees(append(b, `,"longitude":`...), int32(p.Longitude))
	return last.appendSureness(b, sureness{p.PositionConfidence, p.Altitude})
}

// append appends what a position ends with.
func (s *sureness) append(b []byte) []byte {
	e := &s.ellipse
	b = appendUint(append(b, `,"positionConfidence":{"semiMajorAxisLengthConfidence":`...), e.SemiMajorAxisLength)
	b = appendUint(append(b, `,"semiMinorAxisLengthConfidence":`...), e.SemiMinorAxisLength)
	b = appendUint(append(b, `,"semiMajorAxisOrientation":`...), e.SemiMajorAxisOrientation)
	b = appendInt(append(b, `},"altitude":{"value":`...), s.altitude.Value)
	b = appendOptional(append(b, `,"confidence":`...), s.altitude.Confidence)
	return append(b, `}}`...)
}

func appendSpeed(b []byte, s Optional[Speed]) []byte {
	return appendQuantity(b, s.Valid, s.Value.Value, s.Value.Confidence)
}

func appendHeading(b []byte, h Optional[Heading]) []byte {
	return appendQuantity(b, h.Valid, h.Value.Value, h.Value.Confidence)
}

func appendDimension(b []byte, d Optional[ObjectDimension]) []byte {
	return appendQuantity(b, d.Valid, d.Value.Value, d.Value.Confidence)
}

func appendQuantity(b []byte, valid bool, value uint16, confidence Optional[uint8]) []byte {
	if !valid {
		return appendNull(b)
	}
	b = appendUint(append(b, `{"value":`...), value)
	b = appendOptional(append(b, `,"confidence":`...), confidence)
	return append(b, '}')
}
