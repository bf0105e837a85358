package uper

import (
	"math"
	"testing"

	"github.com/step-its/producer/den"
)

// Near the origin the frame is what the radii of curvature of the ellipsoid say:
// M = a(1-e2)/(1-e2 sin2)^1.5 to the north, N cos to the east.
func TestOffsetMatchesLocalRadii(t *testing.T) {
	for _, latitude := range []float64{-89, -60.5, -33.9, 0, 1e-5, 40.1234567, 45.07, 59.9, 78.2, 89} {
		for _, longitude := range []float64{-180, -8.654321, 0, 7.68, 179.9999} {
			sin, cos := math.Sincos(latitude * math.Pi / 180)
			m := radius * (1 - eccentricity) / math.Pow(1-eccentricity*sin*sin, 1.5)
			n := radius / math.Sqrt(1-eccentricity*sin*sin)
			for _, way := range [][2]float64{{100, 0}, {0, 100}, {-70, 60}, {3, -4}} { // east, north
				a := den.PositionAt(den.LatitudeFromDegrees(latitude), den.LongitudeFromDegrees(longitude))
				b := a
				b.Latitude += den.Latitude(math.Round(way[1] / m * 180 / math.Pi * 1e7))
				b.Longitude += den.Longitude(math.Round(way[0] / (n * cos) * 180 / math.Pi * 1e7))
				p := offset(a, b)
				// 1e-7 degrees are 1.1 cm; at 89 degrees the meridians come together
				// within the 100 m.
				tolerance := 3 + 100*100/(n*cos)*math.Abs(sin)*100
				if math.Abs(float64(p.X.Value)-way[0]*100) > tolerance || math.Abs(float64(p.Y.Value)-way[1]*100) > tolerance {
					t.Errorf("at %v, %v: %v m is %d, %d cm", latitude, longitude, way, p.X.Value, p.Y.Value)
				}
				if p.Z.Valid {
					t.Error("z is told without heights")
				}
			}
		}
	}
}

// The place that comes back is the one that was told, to the centimeter to which
// coordinates are rounded: 1e-7 degrees are 1.1 cm on the ground.
func TestOffsetThereAndBack(t *testing.T) {
	g := newDice(3)
	worst := 0.0
	for range 20000 {
		latitude := g.Float64()*178 - 89
		event := den.PositionAt(den.LatitudeFromDegrees(latitude), den.LongitudeFromDegrees(g.Float64()*360-180))
		reach := 0.011 // degrees, 1.2 km
		object := den.PositionAt(
			event.Latitude+den.Latitude((g.Float64()*2-1)*reach/2*1e7),
			event.Longitude+den.Longitude((g.Float64()*2-1)*reach/2*1e7))
		object.Longitude = min(max(object.Longitude, -1800000000), 1800000000)
		if g.yes() {
			event.Altitude.Value = between[int32](g, -100000, 800000)
			object.Altitude.Value = event.Altitude.Value + int32(g.IntN(20000)) - 10000
			object.Altitude.Value = min(max(object.Altitude.Value, -100000), 800000)
		} else if g.yes() {
			event.Altitude.Value = between[int32](g, -100000, 800000)
		}
		got, ok := located(event, offset(event, object))
		if !ok {
			t.Fatalf("%v seen from %v is out of range", object, event)
		}
		north := math.Abs(float64(got.Latitude-object.Latitude)) * 1.1132
		east := math.Abs(math.Remainder(float64(got.Longitude)-float64(object.Longitude), 3600000000)) *
			1.1132 * math.Cos(object.Latitude.Degrees()*math.Pi/180)
		worst = max(worst, north, east)
		if up := got.Altitude.Value - object.Altitude.Value; up > 1 || up < -1 {
			if object.Altitude.Value < den.UnavailableAltitude || got.Altitude.Value != den.UnavailableAltitude {
				t.Fatalf("%v seen from %v comes back at a height of %d", object, event, got.Altitude.Value)
			}
		}
	}
	if worst > 1.2 {
		t.Errorf("a place comes back %.2f cm away", worst)
	}
	t.Logf("at most %.2f cm away", worst)
}

// Across the date line the way is the short one.
func TestOffsetAcrossTheDateLine(t *testing.T) {
	p := offset(den.PositionAt(0, 1799999000), den.PositionAt(0, -1799999000))
	if p.X.Value < 2200 || p.X.Value > 2250 { // 2000 times 1.11 cm
		t.Errorf("the offset is %d cm", p.X.Value)
	}
}

func TestOffsetIsHeldInRange(t *testing.T) {
	here := den.PositionAt(450000000, 70000000)
	for _, c := range []struct {
		object den.ReferencePosition
		axis   func(Position3D) int32
		want   int32
	}{
		{den.PositionAt(450000000, 90000000), eastward, CoordinateTooHigh},
		{den.PositionAt(450000000, 50000000), eastward, CoordinateTooLow},
		{den.PositionAt(470000000, 70000000), northward, CoordinateTooHigh},
		{den.PositionAt(430000000, 70000000), northward, CoordinateTooLow},
	} {
		p := offset(here, c.object)
		if c.axis(p) != c.want {
			t.Errorf("%v is at %d, %d", c.object, p.X.Value, p.Y.Value)
		}
		if _, ok := located(here, p); ok {
			t.Errorf("%v: a coordinate out of range is taken for a place", c.object)
		}
	}
}

func eastward(p Position3D) int32  { return p.X.Value }
func northward(p Position3D) int32 { return p.Y.Value }

func TestConfidenceAlongAxes(t *testing.T) {
	for _, c := range []struct {
		ellipse den.PositionConfidenceEllipse
		x, y    uint16
	}{
		{den.PositionConfidenceEllipse{SemiMajorAxisLength: 300, SemiMinorAxisLength: 100}, 100, 300},
		{den.PositionConfidenceEllipse{SemiMajorAxisLength: 300, SemiMinorAxisLength: 100, SemiMajorAxisOrientation: 900}, 300, 100},
		{den.PositionConfidenceEllipse{SemiMajorAxisLength: 300, SemiMinorAxisLength: 100, SemiMajorAxisOrientation: 2700}, 300, 100},
		{den.PositionConfidenceEllipse{SemiMajorAxisLength: 300, SemiMinorAxisLength: 100, SemiMajorAxisOrientation: 450}, 224, 224},
		{den.PositionConfidenceEllipse{SemiMajorAxisLength: 300, SemiMinorAxisLength: 100, SemiMajorAxisOrientation: 3601}, 300, 300},
		{den.PositionConfidenceEllipse{}, 1, 1},
		{den.PositionConfidenceEllipse{SemiMajorAxisLength: 4094, SemiMinorAxisLength: 100}, 4095, 4095},
		{den.PositionConfidenceEllipse{SemiMajorAxisLength: 100, SemiMinorAxisLength: 4095}, 4096, 4096},
	} {
		if x, y := alongAxes(c.ellipse); x != c.x || y != c.y {
			t.Errorf("%+v reaches %d, %d, want %d, %d", c.ellipse, x, y, c.x, c.y)
		}
	}
}

// A class of heights comes back as it was, but for the two that a coordinate cannot
// tell from out of range.
func TestAltitudeConfidence(t *testing.T) {
	for class := range uint8(16) {
		want := den.Some(class)
		switch {
		case class == 15:
			want = den.Optional[uint8]{}
		case class >= 11: // 50 m and more
			want = den.Some[uint8](14)
		}
		if got := toAltitudeConfidence(fromAltitudeConfidence(den.Some(class))); got != want {
			t.Errorf("class %d comes back as %v", class, got)
		}
	}
	if got := toAltitudeConfidence(4000); got != den.Some[uint8](11) {
		t.Errorf("40 m is class %v", got)
	}
}

// What is on the other side of the earth is not near.
func TestAntipode(t *testing.T) {
	event := den.PositionAt(0, 0)
	for _, object := range []den.ReferencePosition{den.PositionAt(0, 1799999999), den.PositionAt(1, -1799999999), den.PositionAt(0, 1800000000)} {
		p := offset(event, object)
		if !outOfRange(p.X) || !outOfRange(p.Y) {
			t.Errorf("%v is at %+v", object, p)
		}
	}
	if p := offset(event, den.PositionAt(100, -100)); outOfRange(p.X) || outOfRange(p.Y) {
		t.Errorf("what is near is at %+v", p)
	}
}
