package config

import (
	"math"
	"strconv"
	"time"
)

// Milliseconds is a time span in whole milliseconds.
type Milliseconds int64

// Duration converts m.
func (m Milliseconds) Duration() time.Duration { return time.Duration(m) * time.Millisecond }

// Seconds is a time span in whole seconds.
type Seconds int64

// Duration converts s.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// Timeout is a time limit in seconds, fractions allowed. Zero is not set, and is
// written as null.
type Timeout float64

// Duration converts t, rounded to the nanosecond. Zero stays zero.
func (t Timeout) Duration() time.Duration {
	return time.Duration(math.Round(float64(t) * float64(time.Second)))
}

// MarshalJSON writes null for zero: a limit of 0 s, on which every call would fail,
// is not a legal number in a file.
func (t Timeout) MarshalJSON() ([]byte, error) {
	if t == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(t), 'f', -1, 64), nil
}
