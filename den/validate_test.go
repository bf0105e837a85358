package den

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// A program that makes a collision array is told of the same mistakes as one
// that sends it.
func TestValidateStationCollisions(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(c *StationCollisions)
		want   string // empty: nothing is wrong
	}{
		{"example", func(*StationCollisions) {}, ""},
		{"reference_without_prediction", func(c *StationCollisions) { c.Stations[0].ImpactSection = Optional[ObjectFace]{} }, ""},
		{
			"no_time", func(c *StationCollisions) { c.DetectionTime = 0 },
			"detectionTime: must be a time from 2004 to 2143 but is 1970-01-01T00:00:00.000Z",
		},
		{
			"time_in_no_calendar", func(c *StationCollisions) { c.DetectionTime = math.MaxInt64 },
			"detectionTime: must be a time from 2004 to 2143 but is 292278994-08-17T07:12:55.807Z",
		},
		{
			"measurement_time", func(c *StationCollisions) { c.Stations[1].MeasurementTime = Some(MaxTimestamp + 1) },
			"stations[1].measurementTime: must be a time from 2004 to 2143 but is 2143-05-15T07:35:06.104Z",
		},
		{"no_stations", func(c *StationCollisions) { c.Stations = nil }, "stations: missing"},
		{"one_station", func(c *StationCollisions) { c.Stations = c.Stations[:1] }, "stations: must list 2..256 stations but lists 1"},
		{"257_stations", func(c *StationCollisions) {
			for len(c.Stations) < 257 {
				c.Stations = append(c.Stations, c.Stations[1])
			}
		}, "stations: must list 2..256 stations but lists 257"},
		{
			"same_station", func(c *StationCollisions) { c.Stations[2].ObjectID = Some[ObjectID](0) },
			"stations[2]: is the same station and object as stations[1]",
		},
		{
			"no_time_to_collision", func(c *StationCollisions) { c.Stations[2].TimeToCollision.Valid = false },
			"stations[2].timeToCollision: missing; only the first station, the reference, may leave it out",
		},
		{
			"time_to_collision_0", func(c *StationCollisions) { c.Stations[1].TimeToCollision.Value = 0 },
			"stations[1].timeToCollision: must be a whole number 1..10000 but is 0",
		},
		{
			"station_type", func(c *StationCollisions) { c.Stations[0].StationType = 99 },
			"stations[0].stationType: must be a traffic participant type such as passengerCar but is 99",
		},
		{
			"latitude", func(c *StationCollisions) { c.Stations[0].Position.Latitude = 900000001 },
			"stations[0].position.latitude: must be a whole number -900000000..900000000 but is 900000001",
		},
		{
			"collision_longitude", func(c *StationCollisions) { c.Stations[1].CollisionLongitude.Value = -1800000001 },
			"stations[1].collisionLongitude: must be a whole number -1800000000..1800000000 but is -1800000001",
		},
		{
			"semi_axis", func(c *StationCollisions) { c.Stations[0].Position.PositionConfidence.SemiMinorAxisLength = 4096 },
			"stations[0].position.positionConfidence.semiMinorAxisLengthConfidence: must be a whole number 0..4095 but is 4096",
		},
		{
			"altitude_confidence", func(c *StationCollisions) { c.Stations[0].Position.Altitude.Confidence.Value = 16 },
			"stations[0].position.altitude.confidence: must be a whole number 0..15 but is 16",
		},
		{
			"speed", func(c *StationCollisions) { c.Stations[0].Speed.Value = 16384 },
			"stations[0].speed.value: must be a whole number 0..16383 but is 16384",
		},
		{
			"heading_confidence", func(c *StationCollisions) { c.Stations[0].Heading.Confidence.Value = 0 },
			"stations[0].heading.confidence: must be a whole number 1..127 but is 0",
		},
		{
			"dimension", func(c *StationCollisions) { c.Stations[2].ObjectDimensionY.Value.Value = 0 },
			"stations[2].objectDimensionY.value: must be a whole number 1..256 but is 0",
		},
		{
			"quality", func(c *StationCollisions) { c.Stations[2].ObjectPerceptionQuality.Value = 16 },
			"stations[2].objectPerceptionQuality: must be a whole number 0..15 but is 16",
		},
		{
			"impact_section", func(c *StationCollisions) { c.Stations[2].ImpactSection.Value = 6 },
			"stations[2].impactSection: must be one of front, sideLeftFront, sideLeftBack, sideRightFront, sideRightBack, back but is 6",
		},
		{
			"braking_distance", func(c *StationCollisions) { c.Stations[2].EstimatedBrakingDistance.Value = 4096 },
			"stations[2].estimatedBrakingDistance: must be a whole number 0..4095 but is 4096",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := wantCollisions()
			tt.change(c)
			err := c.Validate()
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || err.Error() != tt.want {
				t.Fatalf("got  %v\nwant %s", err, tt.want)
			}
			checkFieldError(t, err)
			// Two calls tell the same: the path is not built up.
			if again := c.Validate(); again.Error() != tt.want {
				t.Errorf("the second time: %v", again)
			}
		})
	}
	if err := (*StationCollisions)(nil).Validate(); err == nil || err.Error() != "there is no collision array" {
		t.Errorf("nil: %v", err)
	}
}

// What Validate accepts is what a receiver accepts, whatever a program made.
func TestValidateAgreesWithDecoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCollisions(t)
		s := &c.Stations[rapid.IntRange(0, len(c.Stations)-1).Draw(t, "station")]
		any16, any8 := rapid.Uint16(), rapid.Uint8()
		for _, change := range []func(){
			func() { c.DetectionTime = Timestamp(rapid.Int64().Draw(t, "time")) },
			func() { s.Speed.Value = any16.Draw(t, "value") },
			func() { s.Speed.Confidence = Some(any8.Draw(t, "value")) },
			func() { s.Heading.Value = any16.Draw(t, "value") },
			func() { s.Position.Latitude = Latitude(rapid.Int32().Draw(t, "value")) },
			func() { s.Position.Longitude = Longitude(rapid.Int32().Draw(t, "value")) },
			func() { s.Position.Altitude.Value = rapid.Int32().Draw(t, "value") },
			func() { s.ObjectDimensionX = Some(ObjectDimension{Value: any16.Draw(t, "value")}) },
			func() { s.ObjectPerceptionQuality = Some(any8.Draw(t, "value")) },
			func() { s.StationType = TrafficParticipantType(any8.Draw(t, "value")) },
			func() { s.ImpactSection = Some(ObjectFace(any8.Draw(t, "value"))) },
			func() { s.EstimatedBrakingDistance = Some(any16.Draw(t, "value")) },
			func() { s.CollisionLatitude = Optional[Latitude]{} },
		} {
			if rapid.IntRange(0, 9).Draw(t, "change") == 0 {
				change()
			}
		}
		made := c.Validate()
		_, read := ParseStationCollisions(c.AppendJSON(nil))
		if (made == nil) != (read == nil) {
			t.Fatalf("Validate: %v\ndecoder: %v", made, read)
		}
	})
}

// Whatever stands in whichever field, inRange and the checker are of one mind.
func TestInRange(t *testing.T) {
	right, wrong := 0, 0
	compare := func(s *StationCollision, field string) {
		var check checker
		check.station(s)
		if got, want := s.inRange(), check.err == nil; got != want {
			t.Errorf("%s: in range is %t, and the checker says %v", field, got, check.err)
		}
		if check.err == nil {
			right++
		} else {
			wrong++
		}
	}
	empty, full := StationCollision{Position: PositionAt(1, 1)}, StationCollision{}
	eachValue(reflect.ValueOf(&full).Elem(), "", func(_ string, v reflect.Value) {
		switch {
		case v.Kind() == reflect.Bool:
			v.SetBool(true)
		case v.CanInt():
			v.SetInt(1)
		default:
			v.SetUint(1)
		}
	})
	full.MeasurementTime.Value = MinTimestamp
	for _, s := range []*StationCollision{&empty, &full} {
		compare(s, "none")
		eachValue(reflect.ValueOf(s).Elem(), "", func(field string, v reflect.Value) {
			if v.Kind() == reflect.Bool {
				return
			}
			before := reflect.New(v.Type()).Elem()
			before.Set(v)
			for _, n := range []int64{
				math.MinInt64, -1800000001, -1800000000, -900000001, -900000000, -100001, -100000, -1, 0, 1, 7, 8, 15, 16, 21, 32, 33, 127, 128, 255, 256, 257,
				3601, 3602, 4095, 4096, 10000, 10001, 16383, 16384, 800001, 800002, 900000000, 900000001, 1800000000, 1800000001,
				int64(MinTimestamp) - 1, int64(MaxTimestamp), int64(MaxTimestamp) + 1, math.MaxInt64,
			} {
				if v.CanInt() {
					v.SetInt(n)
				} else {
					v.SetUint(uint64(n))
				}
				compare(s, field)
			}
			v.Set(before)
		})
	}
	if min(right, wrong) < 500 {
		t.Errorf("%d were right and %d wrong: this proves little", right, wrong)
	}
}

// eachValue calls f for every number and every bool in a struct.
func eachValue(v reflect.Value, path string, f func(field string, v reflect.Value)) {
	for i := range v.NumField() {
		name := path + "." + v.Type().Field(i).Name
		if field := v.Field(i); field.Kind() == reflect.Struct {
			eachValue(field, name, f)
		} else {
			f(name, field)
		}
	}
}

// Two entries for one object are found wherever they stand, and nothing else is.
func TestTwice(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 20_000 {
		var c StationCollisions
		seen := make(map[[2]uint32]int)
		wantI, wantJ := 0, 0
		for j := range 2 + random.IntN(30) {
			s := StationCollision{StationID: StationID(random.IntN(40) * 32)}
			if random.IntN(2) == 0 {
				s.ObjectID = Some(ObjectID(random.IntN(70)))
			}
			c.Stations = append(c.Stations, s)
			key := [2]uint32{uint32(s.StationID), uint32(s.ObjectID.Or(0))}
			if i, ok := seen[key]; !ok {
				seen[key] = j
			} else if wantJ == 0 {
				wantI, wantJ = i, j
			}
		}
		if i, j := c.twice(); i != wantI || j != wantJ {
			t.Fatalf("found %d and %d, want %d and %d in %v", i, j, wantI, wantJ, c.Stations)
		}
		if wantJ > 0 {
			found++
		}
	}
	if found < 1000 || found > 19_000 {
		t.Errorf("%d of 20000 arrays have one twice: they prove little", found)
	}
}
