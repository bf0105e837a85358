package den

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// Latitude is a geographical latitude (WGS 84) in 1e-7 degrees, the unit of
// ETSI: -900000000..900000000, north positive. Whole numbers keep a position
// exactly as it was sent; in JSON it is a number of degrees.
type Latitude int32

// Longitude is a geographical longitude (WGS 84) in 1e-7 degrees, the unit of
// ETSI: -1800000000..1800000000, east positive. In JSON it is a number of
// degrees.
type Longitude int32

// LatitudeFromDegrees returns the latitude nearest to the given degrees, held
// within -90..90. NaN becomes 0.
func LatitudeFromDegrees(degrees float64) Latitude {
	return Latitude(fixedDegrees(degrees, spanLatitude))
}

// LongitudeFromDegrees returns the longitude nearest to the given degrees, held
// within -180..180. NaN becomes 0.
func LongitudeFromDegrees(degrees float64) Longitude {
	return Longitude(fixedDegrees(degrees, spanLongitude))
}

func fixedDegrees(degrees float64, s span) int64 {
	if math.IsNaN(degrees) {
		return 0
	}
	f := math.Round(degrees * 1e7)
	return int64(min(max(f, float64(s.least)), float64(s.most)))
}

// Degrees returns the latitude in degrees.
func (l Latitude) Degrees() float64 { return float64(l) / 1e7 }

// Degrees returns the longitude in degrees.
func (l Longitude) Degrees() float64 { return float64(l) / 1e7 }

// String returns the degrees with up to seven decimals, as in JSON.
func (l Latitude) String() string { return string(appendDegrees(nil, int32(l))) }

// String returns the degrees with up to seven decimals, as in JSON.
func (l Longitude) String() string { return string(appendDegrees(nil, int32(l))) }

// appendDegrees writes 1e-7 degrees as a number of degrees, without trailing
// zeros.
func appendDegrees(b []byte, e7 int32) []byte {
	n := uint32(e7)
	if e7 < 0 {
		b, n = append(b, '-'), -n
	}
	b = appendUint(b, n/1e7)
	fraction := n % 1e7
	if fraction == 0 {
		return b
	}
	digits := eightDigits(fraction) // the first one is 0, and makes room for the point
	b = binary.LittleEndian.AppendUint64(b, digits+zeros-'0'+'.')
	return b[:len(b)-bits.LeadingZeros64(digits)/8]
}

// degrees reads a number of degrees within s, which counts 1e-7 degrees.
func (r *reader) degrees(s span) (int64, error) {
	if r.plain {
		r.scan.space()
		switch e7, ok := r.scan.degrees(); {
		case ok && s.holds(e7):
			return e7, nil
		case ok:
			return 0, errNotPlain
		}
	}
	v, err := r.value()
	if err != nil {
		return 0, err
	}
	e7, ok := parseDegrees(v)
	if !ok || !s.holds(e7) {
		least, most := strconv.FormatInt(s.least/1e7, 10), strconv.FormatInt(s.most/1e7, 10)
		return 0, r.fail("must be a number of degrees "+least+".."+most, v)
	}
	return e7, nil
}

// parseDegrees reads a JSON number as 1e-7 degrees, rounded to the nearest.
func parseDegrees(v []byte) (int64, bool) {
	if v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return 0, false
	}
	n, decimals, digits := int64(0), -1, v
	if v[0] == '-' {
		digits = v[1:]
	}
	for _, c := range digits {
		switch {
		case c == '.':
			decimals = 0
		case c < '0' || c > '9' || n > 1e10 || decimals == 7:
			// An exponent, or more digits than a position has: rare, so the
			// slow way is good enough.
			f, err := strconv.ParseFloat(string(v), 64)
			if err != nil || math.Abs(f) > 1e6 {
				return 0, false
			}
			return int64(math.Round(f * 1e7)), true
		default:
			n = n*10 + int64(c-'0')
			if decimals >= 0 {
				decimals++
			}
		}
	}
	for ; decimals < 7; decimals++ {
		if decimals < 0 {
			decimals = 0
		}
		n *= 10
	}
	if v[0] == '-' {
		n = -n
	}
	return n, true
}

func intoLatitude(r *reader, dst *Latitude) error {
	e7, err := r.degrees(spanLatitude)
	*dst = Latitude(e7)
	return err
}

func intoLongitude(r *reader, dst *Longitude) error {
	e7, err := r.degrees(spanLongitude)
	*dst = Longitude(e7)
	return err
}
