package den

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// prediction is what a service makes of the first pair of testdata/collisions.json.
func prediction() Prediction {
	c, template := wantCollisions(), DefaultTemplate()
	template.RoadType = Some(UrbanNotSeparated)
	return Prediction{
		StationID:     3100007,
		Template:      &template,
		Linger:        3 * time.Second,
		DetectionTime: c.DetectionTime,
		Reference:     &c.Stations[0],
		Target:        &c.Stations[1],
	}
}

// Every field of the DENM has the source it should have: together they are the
// message of testdata/denm.json.
func TestPredictionDENM(t *testing.T) {
	p := prediction()
	got := p.DENM(ActionID{3100007, 41}, at("2026-04-11T06:30:12.175Z"))
	want := wantDENM()
	want.PreCrash.Value.PerceivedObject.Type = Some(TypePassengerCar)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(prediction(), p); diff != "" {
		t.Errorf("the prediction was changed (-before +after)\n%s", diff)
	}
	if key, ok := got.Key(); !ok || key != p.Key() || key != (Key{2101, 0, 2102, 0}) {
		t.Errorf("key of the DENM %s, of the prediction %s", key, p.Key())
	}
	if got.ValidUntil() != p.ValidUntil() {
		t.Errorf("the DENM is valid until %s, the prediction until %s", got.ValidUntil(), p.ValidUntil())
	}
}

func TestPredictionOfObject(t *testing.T) {
	p := prediction()
	p.Target = &wantCollisions().Stations[2]
	d := p.DENM(ActionID{3100007, 42}, p.DetectionTime)
	if key, ok := d.Key(); !ok || key != (Key{2101, 0, 2102, 9}) {
		t.Errorf("key %s", key)
	}
	if got := d.PreCrash.Value.PerceivedObject.ObjectID; got != Some[ObjectID](9) {
		t.Errorf("objectId %s", got)
	}
	if got := d.PreCrash.Value.PerceivedObject.ObjectDimensionZ; got.Valid {
		t.Errorf("the unknown height became %s", got)
	}
}

// A reversed pair is told from the other side: the parties change places, the
// place and the time of the collision stay, and the impact section, which
// belongs to the party that is no longer the perceived object, is dropped.
func TestPredictionReversed(t *testing.T) {
	p := prediction()
	p.Reversed = true
	p.Target.ObjectID = Some[ObjectID](4)
	p.Target.MeasurementTime = Optional[Timestamp]{}
	reference, target := p.Target, p.Reference // exchanged
	d := p.DENM(ActionID{3100007, 41}, at("2026-04-11T06:30:12.175Z"))

	want := wantDENM()
	want.Management.EventPosition = reference.Position
	want.Management.ReferenceStationID = Some[StationID](2102)
	want.Management.ReferenceObjectID = Some[ObjectID](4)
	want.Location.Value.EventSpeed = Some(reference.Speed)
	want.Location.Value.EventPositionHeading = Some(reference.Heading)
	want.PreCrash = Some(PreCrash{
		PerceivedObject: PerceivedObject{
			ObjectID:             Some[ObjectID](0),
			Type:                 Some(TypePassengerCar),
			MeasurementDeltaTime: -15,
			Position:             target.Position,
			Speed:                Some(target.Speed),
			Heading:              Some(target.Heading),
			ObjectDimensionX:     target.ObjectDimensionX,
			ObjectDimensionY:     target.ObjectDimensionY,
		},
		StationIDInvolved:           Some[StationID](2101),
		TimeToCollision:             Some[uint16](2300),
		EstimatedBrakingDistance:    Some[uint16](210),
		EstimatedCollisionLatitude:  Some[Latitude](444948881),
		EstimatedCollisionLongitude: Some[Longitude](113429570),
	})
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if key, ok := d.Key(); !ok || key != p.Key() || key != (Key{2102, 4, 2101, 0}) {
		t.Errorf("key of the DENM %s, of the prediction %s", key, p.Key())
	}
}

func TestPredictionUsesTemplate(t *testing.T) {
	p := prediction()
	p.Template = &Template{StationType: TypeBus, EventType: CauseDangerousSituation, InformationQuality: Some[uint8](5)}
	d := p.DENM(ActionID{3100007, 41}, at("2026-04-11T06:30:12.175Z"))
	want := wantDENM()
	want.PreCrash.Value.PerceivedObject.Type = Some(TypePassengerCar)
	want.Management.StationType = TypeBus
	want.Management.AwarenessDistance = Optional[uint32]{}
	want.Management.TrafficDirection = Optional[TrafficDirection]{}
	want.Management.TransmissionInterval = Optional[uint16]{}
	want.Situation = Some(Situation{Some[uint8](5), CauseDangerousSituation})
	want.Location.Value.RoadType = Optional[RoadType]{}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDefaultTemplate(t *testing.T) {
	want := Template{
		StationType:          TypeRoadSideUnit,
		AwarenessDistance:    Some[uint32](199),
		TrafficDirection:     Some(AllTrafficDirections),
		TransmissionInterval: Some[uint16](1000),
		EventType:            CauseCollisionRisk,
	}
	if diff := cmp.Diff(want, DefaultTemplate()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTemplateValidation(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(t *Template)
		want   string // empty: nothing is wrong
	}{
		{"default", func(*Template) {}, ""},
		{"greatest", func(t *Template) {
			t.TransmissionInterval, t.InformationQuality = Some[uint16](10000), Some[uint8](7)
			t.AwarenessDistance, t.RoadType = Some[uint32](4294967295), Some(NonUrbanSeparated)
		}, ""},
		{"least", func(t *Template) {
			*t = Template{EventType: CauseTrafficCondition, TransmissionInterval: Some[uint16](1), InformationQuality: Some[uint8](0)}
		}, ""},
		{"no_event_type", func(t *Template) { t.EventType = 0 }, "Template.EventType: must be a cause code such as humanPresenceOnTheRoad but is 0"},
		{"reserved_event_type", func(t *Template) { t.EventType = 255 }, "Template.EventType: must be a cause code such as humanPresenceOnTheRoad but is 255"},
		{"station_type", func(t *Template) { t.StationType = 16 }, "Template.StationType: must be a traffic participant type such as passengerCar but is 16"},
		{"traffic_direction", func(t *Template) { t.TrafficDirection.Value = 4 }, "Template.TrafficDirection: must be one of allTrafficDirections, " +
			"sameAsReferenceDirection-upstreamOfReferencePosition, sameAsReferenceDirection-downstreamOfReferencePosition, oppositeToReferenceDirection but is 4"},
		{"interval_0", func(t *Template) { t.TransmissionInterval.Value = 0 }, "Template.TransmissionInterval: must be a whole number 1..10000 but is 0"},
		{"interval_above", func(t *Template) { t.TransmissionInterval.Value = 10001 }, "Template.TransmissionInterval: must be a whole number 1..10000 but is 10001"},
		{"quality", func(t *Template) { t.InformationQuality = Some[uint8](8) }, "Template.InformationQuality: must be a whole number 0..7 but is 8"},
		{"road_type", func(t *Template) { t.RoadType = Some(RoadType(4)) }, "Template.RoadType: must be one of urban-NoStructuralSeparationToOppositeLanes, " +
			"urban-WithStructuralSeparationToOppositeLanes, nonUrban-NoStructuralSeparationToOppositeLanes, nonUrban-WithStructuralSeparationToOppositeLanes but is 4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			template := DefaultTemplate()
			tt.change(&template)
			err := template.validate()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestValidityDuration(t *testing.T) {
	for _, tt := range []struct {
		name            string
		timeToCollision uint16
		linger          time.Duration
		want            uint32
	}{
		{"least", 1, 0, 1},
		{"just_1_s", 1000, 0, 1},
		{"1_ms_more", 1001, 0, 2},
		{"up_to_whole_seconds", 2300, 4 * time.Second, 7},
		{"exactly_whole_seconds", 2000, 4 * time.Second, 6},
		{"1_ms_of_linger", 2000, time.Millisecond, 3},
		{"1_ns_of_linger", 2000, time.Nanosecond, 3},
		{"most_that_is_configured", 10000, 20 * time.Second, 30},
		{"a_day", 1, 24 * time.Hour, 86400},
		{"a_week", 1, 7 * 24 * time.Hour, 86400},
		{"negative_linger", 1000, -time.Hour, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := prediction()
			p.Linger, p.Target.TimeToCollision = tt.linger, Some(tt.timeToCollision)
			if got := p.ValidityDuration(); got != tt.want {
				t.Errorf("got %d s, want %d s", got, tt.want)
			}
			if want := p.DetectionTime.Add(time.Duration(tt.want) * time.Second); p.ValidUntil() != want {
				t.Errorf("valid until %s, want %s", p.ValidUntil(), want)
			}
			if got := p.DENM(ActionID{}, p.DetectionTime).Management.ValidityDuration; got != Some(tt.want) {
				t.Errorf("the DENM says %s s", got)
			}
		})
	}
}

func TestMeasurementDeltaTime(t *testing.T) {
	detection := at("2026-04-11T06:30:12.160Z")
	for _, tt := range []struct {
		name      string
		measured  Optional[Timestamp]
		reference Timestamp
		want      int16
	}{
		{"same_time", Some(detection), detection, 0},
		{"measured_before", Some(detection - 20), detection, -20},
		{"measured_after", Some(detection + 20), detection, 20},
		{"unknown_means_detection", Optional[Timestamp]{}, detection + 35, -35},
		{"least", Some(detection - 2048), detection, -2048},
		{"below_the_least", Some(detection - 2049), detection, -2048},
		{"long_ago", Some(MinTimestamp), detection, -2048},
		{"greatest", Some(detection + 2047), detection, 2047},
		{"above_the_greatest", Some(detection + 2048), detection, 2047},
		{"far_ahead", Some(MaxTimestamp), detection, 2047},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := prediction()
			p.DetectionTime, p.Target.MeasurementTime = detection, tt.measured
			d := p.DENM(ActionID{}, tt.reference)
			if got := d.PreCrash.Value.PerceivedObject.MeasurementDeltaTime; got != tt.want {
				t.Errorf("got %d ms, want %d ms", got, tt.want)
			}
		})
	}
}

// Whatever was predicted, the DENM can be written and read.
func TestPredictionGivesLegalDENM(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCollisions(t)
		template := DefaultTemplate()
		p := Prediction{
			StationID:     drawInt[StationID](t, "own station", spanStationID),
			Template:      &template,
			Linger:        time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "linger")),
			DetectionTime: c.DetectionTime,
			Reference:     &c.Stations[0],
			Target:        &c.Stations[1],
			Reversed:      rapid.Bool().Draw(t, "reversed"),
		}
		d := p.DENM(ActionID{p.StationID, 7}, drawTime(t, "referenceTime"))
		read, err := ParseDENM(d.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		read.PreCrash.Value.PerceivedObject.Type = d.PreCrash.Value.PerceivedObject.Type // which JSON does not have
		if diff := cmp.Diff(d, read); diff != "" {
			t.Fatalf("(-made +read)\n%s", diff)
		}
		if key, ok := d.Key(); !ok || key != p.Key() {
			t.Fatalf("key of the DENM %s, of the prediction %s", key, p.Key())
		}
	})
}

func TestKeyCanonical(t *testing.T) {
	for _, tt := range []struct {
		name      string
		key, want Key
	}{
		{"in_order", Key{1, 9, 2, 0}, Key{1, 9, 2, 0}},
		{"reversed", Key{2, 0, 1, 9}, Key{1, 9, 2, 0}},
		{"objects_of_one_station", Key{1, 9, 1, 3}, Key{1, 3, 1, 9}},
		{"station_and_its_object", Key{1, 0, 1, 3}, Key{1, 0, 1, 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.key.Canonical(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		station, object := rapid.Uint32Range(0, 3), rapid.Uint16Range(0, 2) // few, so that they meet
		k := Key{
			StationID(station.Draw(t, "rs")), ObjectID(object.Draw(t, "ro")),
			StationID(station.Draw(t, "ts")), ObjectID(object.Draw(t, "to")),
		}
		c := k.Canonical()
		if c != k && c != k.Reversed() {
			t.Fatalf("%s became another pair: %s", k, c)
		}
		if c != k.Reversed().Canonical() {
			t.Fatalf("%s and its reverse are not the same pair", k)
		}
		if c != c.Canonical() {
			t.Fatalf("%s changes again", c)
		}
		if k.Reversed().Reversed() != k {
			t.Fatalf("%s reversed twice is %s", k, k.Reversed().Reversed())
		}
	})
}

func TestKeyOfDENM(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(d *DENM)
		ok     bool
	}{
		{"whole", func(*DENM) {}, true},
		{"no_reference_object", func(d *DENM) { d.Management.ReferenceObjectID = Optional[ObjectID]{} }, true},
		{"no_reference_station", func(d *DENM) { d.Management.ReferenceStationID = Optional[StationID]{} }, false},
		{"no_target_station", func(d *DENM) { d.PreCrash.Value.StationIDInvolved = Optional[StationID]{} }, false},
		{"no_pre_crash_container", func(d *DENM) { d.PreCrash = Optional[PreCrash]{} }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := wantDENM()
			tt.change(d)
			want := Key{}
			if tt.ok {
				want = Key{2101, 0, 2102, 0}
			}
			if key, ok := d.Key(); ok != tt.ok || key != want {
				t.Errorf("got %s, %t", key, ok)
			}
		})
	}
	if got := (Key{1001, 0, 1002, 7}).String(); got != "1001:0-1002:7" {
		t.Errorf("String gives %s", got)
	}
	if got := (ActionID{3000001, 17}).String(); got != "3000001/17" {
		t.Errorf("String gives %s", got)
	}
}

// A cancellation is newer than what it cancels, or receivers would discard it.
//
// Reference: ETSI TS 103 831, referenceTime and termination.
func TestCancellation(t *testing.T) {
	reference := wantDENM().Management.ReferenceTime
	for _, tt := range []struct {
		name      string
		now, want Timestamp
	}{
		{"later", reference + 1000, reference + 1000},
		{"1_ms_later", reference + 1, reference + 1},
		{"same_time", reference, reference + 1},
		{"clock_set_back", reference - 60000, reference + 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := wantDENM()
			got := d.Cancellation(tt.now)
			want := wantDENM()
			want.Management.Termination = Some(IsCancellation)
			want.Management.ReferenceTime = tt.want
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(wantDENM(), d); diff != "" {
				t.Errorf("the original was changed (-before +after)\n%s", diff)
			}
			if !got.Is(IsCancellation) || got.Is(IsNegation) || d.Is(IsCancellation) {
				t.Error("Is tells it wrongly")
			}
		})
	}
}

func TestValidityOfDENMWithoutDuration(t *testing.T) {
	d := wantDENM()
	d.Management.ValidityDuration = Optional[uint32]{}
	if want := d.Management.DetectionTime.Add(10 * time.Minute); d.ValidUntil() != want {
		t.Errorf("valid until %s, want %s", d.ValidUntil(), want)
	}
}
