package den

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestDegreesText(t *testing.T) {
	for e7, want := range map[Longitude]string{
		0: "0", 1: "0.0000001", -1: "-0.0000001", 10000000: "1", -10000000: "-1", 76868640: "7.686864",
		1800000000: "180", -1800000000: "-180", -1799999999: "-179.9999999", 5000000: "0.5",
	} {
		if got := e7.String(); got != want {
			t.Errorf("%d is written as %s, want %s", e7, got, want)
		}
	}
	if got := Latitude(-444948876).String(); got != "-44.4948876" {
		t.Errorf("the latitude is written as %s", got)
	}
}

func TestDegreesFromFloat(t *testing.T) {
	for _, tt := range []struct {
		degrees   float64
		latitude  Latitude
		longitude Longitude
	}{
		{44.4948876, 444948876, 444948876},
		{-7.686864, -76868640, -76868640},
		{0.00000004, 0, 0},
		{0.00000006, 1, 1},
		{90, 900000000, 900000000},
		{123.4, 900000000, 1234000000},
		{-200, -900000000, -1800000000},
		{1e300, 900000000, 1800000000},
		{math.Inf(-1), -900000000, -1800000000},
		{math.NaN(), 0, 0},
	} {
		if got := LatitudeFromDegrees(tt.degrees); got != tt.latitude {
			t.Errorf("latitude %v becomes %d, want %d", tt.degrees, got, tt.latitude)
		}
		if got := LongitudeFromDegrees(tt.degrees); got != tt.longitude {
			t.Errorf("longitude %v becomes %d, want %d", tt.degrees, got, tt.longitude)
		}
	}
}

// A position stays exactly as it is on its way through float64, and so in the
// programs that hold it as one.
func TestDegreesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		latitude := drawInt[Latitude](t, "latitude", spanLatitude)
		longitude := drawInt[Longitude](t, "longitude", spanLongitude)
		if got := LatitudeFromDegrees(latitude.Degrees()); got != latitude {
			t.Fatalf("latitude %d becomes %d", latitude, got)
		}
		if got := LongitudeFromDegrees(longitude.Degrees()); got != longitude {
			t.Fatalf("longitude %d becomes %d", longitude, got)
		}
		if e7, ok := parseDegrees([]byte(longitude.String())); !ok || e7 != int64(longitude) {
			t.Fatalf("%s is read as %d, %t", longitude, e7, ok)
		}
	})
}

// The quick way through the digits finds what the slow way by float64 finds.
func TestDegreesReadAsFloat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?(e-?[0-9]{1,2})?`).Draw(t, "number")
		e7, ok := parseDegrees([]byte(text))
		f, err := strconv.ParseFloat(text, 64)
		if legal := err == nil && math.Abs(f) <= 180; !legal {
			if ok && spanLongitude.holds(e7) && math.Abs(f) > 180.0000001 {
				t.Fatalf("%s is read as %d", text, e7)
			}
			return
		}
		if want := int64(math.Round(f * 1e7)); !ok || e7 != want {
			t.Fatalf("%s is read as %d, %t, want %d", text, e7, ok, want)
		}
	})
}
