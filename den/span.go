package den

import "strconv"

// A span is the legal range of a number, both ends included. The spans below
// are those of ETSI TS 102 894-2 (CDD) and TS 103 831 (DENM), named for the
// data element; they are the only place where a range is written down.
type span struct{ least, most int64 }

var (
	spanStationID            = span{0, 4294967295}
	spanObjectID             = span{0, 65535}
	spanSequenceNumber       = span{0, 65535}
	spanLatitude             = span{-900000000, 900000000}   // 1e-7 degrees
	spanLongitude            = span{-1800000000, 1800000000} // 1e-7 degrees
	spanSemiAxisLength       = span{0, 4095}                 // 0.01 m
	spanHeadingValue         = span{0, 3601}                 // 0.1 degrees
	spanAltitudeValue        = span{-100000, 800001}         // 0.01 m
	spanAltitudeConfidence   = span{0, 15}
	spanSpeedValue           = span{0, 16383} // 0.01 m/s
	spanConfidence           = span{1, 127}   // of a speed or a heading
	spanDimensionValue       = span{1, 256}   // 0.1 m
	spanDimensionConfidence  = span{1, 32}    // 0.1 m
	spanAwarenessDistance    = span{0, 4294967295}
	spanValidityDuration     = span{0, 86400} // s
	spanTransmissionInterval = span{1, 10000} // ms
	spanInformationQuality   = span{0, 7}
	spanPerceptionQuality    = span{0, 15}
	spanMeasurementDeltaTime = span{-2048, 2047} // ms
	spanTimeToCollision      = span{1, 10000}    // ms
	spanBrakingDistance      = span{0, 4095}     // 0.1 m
)

func (s span) holds(n int64) bool { return n >= s.least && n <= s.most }

// clamp returns the number of the span that is nearest to n.
func (s span) clamp(n int64) int64 { return min(max(n, s.least), s.most) }

// want says what the span allows, for an error text.
func (s span) want() string {
	return "must be a whole number " + strconv.FormatInt(s.least, 10) + ".." + strconv.FormatInt(s.most, 10)
}

func (s span) error(path string, n int64) error {
	return &FieldError{Path: path, Problem: s.want() + " but is " + strconv.FormatInt(n, 10)}
}
