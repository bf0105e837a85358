package den

import "strconv"

func appendNull(b []byte) []byte { return append(b, "null"...) }

// appendUint has a way of its own for the short numbers of which a message is full.
func appendUint[I ~uint8 | ~uint16 | ~uint32](b []byte, n I) []byte {
	short := uint16(min(uint32(n), 10000))
	switch {
	case short < 10:
		return append(b, digit(short))
	case short < 100:
		return append(b, digit(short/10), digit(short))
	case short < 1000:
		return append(b, digit(short/100), digit(short/10), digit(short))
	case short < 10000:
		return append(b, digit(short/1000), digit(short/100), digit(short/10), digit(short))
	}
	return strconv.AppendUint(b, uint64(n), 10)
}

func digit(n uint16) byte { return byte('0' + n%10) }

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

func (p *ReferencePosition) append(b []byte) []byte {
	b = appendDegrees(append(b, `{"latitude":`...), int32(p.Latitude))
	b = appendDegrees(append(b, `,"longitude":`...), int32(p.Longitude))
	e := &p.PositionConfidence
	b = appendUint(append(b, `,"positionConfidence":{"semiMajorAxisLengthConfidence":`...), e.SemiMajorAxisLength)
	b = appendUint(append(b, `,"semiMinorAxisLengthConfidence":`...), e.SemiMinorAxisLength)
	b = appendUint(append(b, `,"semiMajorAxisOrientation":`...), e.SemiMajorAxisOrientation)
	b = strconv.AppendInt(append(b, `},"altitude":{"value":`...), int64(p.Altitude.Value), 10)
	b = appendOptional(append(b, `,"confidence":`...), p.Altitude.Confidence)
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
