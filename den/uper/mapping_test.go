package uper

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/testdata"
)

// crash is a DENM with everything that a den.DENM can have: a car that goes east
// and a bicycle that comes from the right, 20 m ahead.
func crash() *den.DENM {
	detected := den.Timestamp(1767609600000) // 2026-01-05T10:40:00Z
	place := den.PositionAt(401234567, -86543210)
	place.PositionConfidence = den.PositionConfidenceEllipse{
		SemiMajorAxisLength: 150, SemiMinorAxisLength: 80, SemiMajorAxisOrientation: 3600,
	}
	place.Altitude = den.Altitude{Value: 12000, Confidence: den.Some[uint8](6)}
	other := den.PositionAt(401234567, -86540863)
	other.PositionConfidence = den.PositionConfidenceEllipse{
		SemiMajorAxisLength: 90, SemiMinorAxisLength: 30, SemiMajorAxisOrientation: 900,
	}
	other.Altitude = den.Altitude{Value: 12100, Confidence: den.Some[uint8](7)}
	return &den.DENM{
		StationID: 3100007,
		Management: den.Management{
			ActionID:             den.ActionID{OriginatingStationID: 3100007, SequenceNumber: 41},
			DetectionTime:        detected,
			ReferenceTime:        detected + 120,
			EventPosition:        place,
			AwarenessDistance:    den.Some[uint32](199),
			TrafficDirection:     den.Some(den.UpstreamTraffic),
			ValidityDuration:     den.Some[uint32](5),
			TransmissionInterval: den.Some[uint16](1000),
			StationType:          den.TypeRoadSideUnit,
			ReferenceStationID:   den.Some[den.StationID](2101),
			ReferenceObjectID:    den.Some[den.ObjectID](0),
		},
		Situation: den.Some(den.Situation{InformationQuality: den.Some[uint8](4), EventType: den.CauseCollisionRisk}),
		Location: den.Some(den.Location{
			EventSpeed:           den.Some(den.Speed{Value: 1389, Confidence: den.Some[uint8](30)}),
			EventPositionHeading: den.Some(den.Heading{Value: 900}),
			RoadType:             den.Some(den.UrbanNotSeparated),
		}),
		PreCrash: den.Some(den.PreCrash{
			PerceivedObject: den.PerceivedObject{
				ObjectID:                den.Some[den.ObjectID](17),
				MeasurementDeltaTime:    -80,
				Position:                other,
				Speed:                   den.Some(den.Speed{Value: 500, Confidence: den.Some[uint8](20)}),
				Heading:                 den.Some(den.Heading{Value: 0, Confidence: den.Some[uint8](15)}),
				ObjectDimensionZ:        den.Some(den.ObjectDimension{Value: 18}),
				ObjectDimensionY:        den.Some(den.ObjectDimension{Value: 7, Confidence: den.Some[uint8](2)}),
				ObjectDimensionX:        den.Some(den.ObjectDimension{Value: 19, Confidence: den.Some[uint8](3)}),
				ObjectPerceptionQuality: den.Some[uint8](11),
			},
			StationIDInvolved:           den.Some[den.StationID](2102),
			TimeToCollision:             den.Some[uint16](2300),
			ImpactSection:               den.Some(den.FaceSideRightFront),
			EstimatedBrakingDistance:    den.Some[uint16](155),
			EstimatedCollisionLatitude:  den.Some[den.Latitude](401234570),
			EstimatedCollisionLongitude: den.Some[den.Longitude](-86540900),
		}),
	}
}

// crashInETSITerms is what crash must become, in release 2; release 1 differs in
// little.
func crashInETSITerms() *DENM {
	m := management(3100007, 41)
	m.EventPosition.PositionConfidenceEllipse = PosConfidenceEllipse{150, 80, 0}
	m.EventPosition.Altitude = Altitude{12000, 6}
	m.RelevanceTrafficDirection = den.Some(den.UpstreamTraffic)
	m.ValidityDuration = 5
	m.TransmissionInterval = den.Some[uint16](1000)
	return &DENM{
		Header:     Header{2, 1, 3100007},
		Management: m,
		Situation:  &Situation{InformationQuality: 4, EventType: CauseCode{97, CollisionWithCyclist}},
		Location: &Location{
			EventSpeed:           den.Some(Speed{1389, 30}),
			EventPositionHeading: den.Some(Heading{900, 127}),
			Traces:               []PathHistory{nil},
			RoadType:             den.Some(den.UrbanNotSeparated),
		},
		Alacarte: &Alacarte{PreCrash: &PreCrash{
			PerceivedPreCrashObject: PerceivedObject{
				ObjectID:             den.Some[uint16](17),
				MeasurementDeltaTime: -80,
				// 2347e-7 degrees of longitude, on a parallel of 4883.98 km: 20.006 m.
				Position: Position3D{
					Coordinate{2001, 90}, Coordinate{0, 30}, den.Some(Coordinate{100, 200}),
				},
				Velocity:                den.Some(Velocity{Magnitude: Speed{500, 20}, Direction: Angle{900, 15}}),
				ObjectDimensionZ:        den.Some(ObjectDimension{18, 32}),
				ObjectDimensionY:        den.Some(ObjectDimension{7, 2}),
				ObjectDimensionX:        den.Some(ObjectDimension{19, 3}),
				ObjectPerceptionQuality: den.Some[uint8](11),
				Classification:          []ObjectClass{{Kind: KindVRU, VRUProfile: 1, Confidence: 101}},
			},
			ObjectStationID:          den.Some[den.StationID](2102),
			TimeToCollision:          den.Some[uint16](2300),
			ImpactSection:            den.Some(den.FaceSideRightFront),
			EstimatedBrakingDistance: den.Some[uint16](155),
		}},
	}
}

func toCyclist(*den.DENM) den.TrafficParticipantType { return den.TypeCyclist }

func TestFromDENM(t *testing.T) {
	release1 := changed(crashInETSITerms(), func(d *DENM) {
		d.Alacarte = nil
		d.Situation.EventType.SubCauseCode = CollisionVulnerableRoadUser
		d.Management.EventPosition.PositionConfidenceEllipse.SemiMajorOrientation = 3600
	})
	ending := func(want den.Termination) *DENM {
		return changed(crashInETSITerms(), func(d *DENM) {
			d.Management.Termination = den.Some(want)
			d.Situation, d.Location, d.Alacarte = nil, nil, nil
		})
	}
	for name, c := range map[string]struct {
		profile Profile
		change  func(*den.DENM)
		want    *DENM
	}{
		"release2": {Profile{Release: R2, Participant: toCyclist}, func(*den.DENM) {}, crashInETSITerms()},
		"release1": {Profile{Participant: toCyclist}, func(*den.DENM) {}, release1},
		"nobody_knows_the_other_party": {
			Profile{Release: R2},
			func(*den.DENM) {},
			changed(crashInETSITerms(), func(d *DENM) {
				d.Situation.EventType.SubCauseCode = CollisionCrossing
				d.Alacarte.PreCrash.PerceivedPreCrashObject.Classification = nil
			}),
		},
		"cancellation_is_management_only": {
			Profile{Release: R2, Participant: toCyclist},
			func(d *den.DENM) { d.Management.Termination = den.Some(den.IsCancellation) },
			ending(den.IsCancellation),
		},
		"negation_by_another_station": {
			Profile{Release: R2},
			func(d *den.DENM) { d.StationID, d.Management.Termination = 99, den.Some(den.IsNegation) },
			changed(ending(den.IsNegation), func(d *DENM) { d.Header.StationID = 99 }),
		},
		"what_is_absent": {
			Profile{},
			func(d *den.DENM) {
				m := &d.Management
				*m = den.Management{
					ActionID: m.ActionID, DetectionTime: m.DetectionTime, ReferenceTime: m.ReferenceTime,
					EventPosition: den.PositionAt(m.EventPosition.Latitude, m.EventPosition.Longitude), StationType: m.StationType,
				}
				*d = den.DENM{StationID: d.StationID, Management: *m, Situation: den.Some(den.Situation{EventType: den.CauseRoadworks})}
			},
			&DENM{
				Header: Header{2, 1, 3100007},
				Management: Management{
					ActionID:      den.ActionID{OriginatingStationID: 3100007, SequenceNumber: 41},
					DetectionTime: 694694405000, ReferenceTime: 694694405120,
					EventPosition: ReferencePosition{401234567, -86543210, PosConfidenceEllipse{4095, 4095, 3601}, Altitude{800001, 15}},
					StationType:   15, ValidityDuration: 600,
				},
				Situation: &Situation{EventType: CauseCode{3, 0}},
				Location:  &Location{Traces: []PathHistory{nil}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := crash()
			c.change(d)
			got, err := FromDENM(d, c.profile)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			message, err := Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			checkCodec(t, message, got)
		})
	}
}

// What ETSI's message can say comes back as it was.
func TestToDENM(t *testing.T) {
	p := Profile{Release: R2, Participant: toCyclist}
	e, err := FromDENM(crash(), p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.ToDENM(p)
	if err != nil {
		t.Fatal(err)
	}
	want := crash()
	want.Management.EventPosition.PositionConfidence.SemiMajorAxisOrientation = 0
	loseAdditions(want)
	want.PreCrash.Value.PerceivedObject.Type = den.Some(den.TypeCyclist)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// loseAdditions takes out of a DENM what ETSI's message does not have.
func loseAdditions(d *den.DENM) {
	d.Management.ReferenceStationID, d.Management.ReferenceObjectID = den.Optional[den.StationID]{}, den.Optional[den.ObjectID]{}
	d.PreCrash.Value.EstimatedCollisionLatitude = den.Optional[den.Latitude]{}
	d.PreCrash.Value.EstimatedCollisionLongitude = den.Optional[den.Longitude]{}
}

// The DENMs of recorded traffic go through bytes of both releases and come back.
func TestRecordedTraffic(t *testing.T) {
	n := 0
	for line := range bytes.Lines(testdata.UrbanGrid) {
		c, err := den.ParseStationCollisions(line)
		if err != nil {
			t.Fatal(err)
		}
		template := den.DefaultTemplate()
		for i := range c.Stations[1:] {
			prediction := den.Prediction{
				StationID: 3100007, Template: &template, Linger: 3e9, DetectionTime: c.DetectionTime,
				Reference: &c.Stations[0], Target: &c.Stations[i+1],
			}
			d := prediction.DENM(den.ActionID{OriginatingStationID: 3100007, SequenceNumber: uint16(n)}, c.DetectionTime+25)
			checkTraffic(t, d)
			n++
		}
	}
	if n < 400 {
		t.Errorf("there were %d DENMs", n)
	}
}

func checkTraffic(t *testing.T, d *den.DENM) {
	t.Helper()
	for _, p := range []Profile{{Release: R1}, {Release: R2}, {Release: R2, WithoutLeapSeconds: true}} {
		e, err := FromDENM(d, p)
		if err != nil {
			t.Fatal(err)
		}
		message, err := Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Validate(R2); err != nil {
			t.Error(err)
		}
		checkCodec(t, message, e)
		got, err := e.ToDENM(p)
		if err != nil {
			t.Fatal(err)
		}
		want := *d
		loseAdditions(&want)
		if p.Release == R1 {
			want.PreCrash = den.Optional[den.PreCrash]{}
		} else {
			a, b := &want.PreCrash.Value.PerceivedObject.Position, &got.PreCrash.Value.PerceivedObject.Position
			if math.Abs(float64(a.Latitude-b.Latitude)) > 1 || math.Abs(float64(a.Longitude-b.Longitude)) > 2 {
				t.Errorf("the object is at %v, %v, want %v, %v", b.Latitude, b.Longitude, a.Latitude, a.Longitude)
			}
			// Its other orientations are told as how far the ellipse reaches.
			*a = *b
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Fatalf("%+v (-want +got)\n%s", p, diff)
		}
	}
}

// Reference: TS 102 894-2, TimestampIts, gives the first instant; the second is what
// Wireshark prints for it.
func TestTimes(t *testing.T) {
	for _, c := range []struct {
		time      string
		its, unix TimestampIts
	}{
		{"2007-01-01T00:00:00Z", 94694401000, 94694400000},
		{"2026-01-05T10:40:00Z", 694694405000, 694694400000},
		{"2004-01-01T00:00:00Z", 0, 0},
		{"2016-12-31T23:59:59.999Z", 410313603999, 410313599999},
		{"2017-01-01T00:00:00Z", 410313605000, 410313600000},
	} {
		d := crash()
		if err := d.Management.DetectionTime.UnmarshalText([]byte(c.time)); err != nil {
			t.Fatal(err)
		}
		d.Management.ReferenceTime = d.Management.DetectionTime
		for _, p := range []Profile{{}, {WithoutLeapSeconds: true}} {
			want := c.its
			if p.WithoutLeapSeconds {
				want = c.unix
			}
			e, err := FromDENM(d, p)
			if err != nil {
				t.Fatal(err)
			}
			if e.Management.DetectionTime != want || e.Management.ReferenceTime != want {
				t.Errorf("%s is %d in %+v, want %d", c.time, e.Management.DetectionTime, p, want)
			}
			back, err := e.ToDENM(p)
			if err != nil {
				t.Fatal(err)
			}
			if back.Management.DetectionTime != d.Management.DetectionTime {
				t.Errorf("%s comes back as %s in %+v", c.time, back.Management.DetectionTime, p)
			}
		}
	}
}

func TestVelocities(t *testing.T) {
	cartesian := func(x, y int16) Velocity {
		return Velocity{Cartesian: true, X: VelocityComponent{x, 20}, Y: VelocityComponent{y, 40}}
	}
	conf := den.Some[uint8](40)
	for _, c := range []struct {
		velocity Velocity
		speed    den.Speed
		heading  den.Heading
	}{
		{cartesian(300, 400), den.Speed{Value: 500, Confidence: conf}, den.Heading{Value: 369}},
		{cartesian(0, 100), den.Speed{Value: 100, Confidence: conf}, den.Heading{Value: 0}},
		{cartesian(-100, 0), den.Speed{Value: 100, Confidence: conf}, den.Heading{Value: 2700}},
		{cartesian(-1, 16000), den.Speed{Value: 16000, Confidence: conf}, den.Heading{Value: 0}},
		{cartesian(16000, 16000), den.Speed{Value: 16382, Confidence: conf}, den.Heading{Value: 450}},
		{cartesian(0, 0), den.Speed{Confidence: conf}, den.UnknownHeading()},
		{cartesian(16383, 0), den.UnknownSpeed(), den.UnknownHeading()},
		{cartesian(0, -16383), den.UnknownSpeed(), den.UnknownHeading()},
		{
			Velocity{Magnitude: Speed{700, 127}, Direction: Angle{0, 5}},
			den.Speed{Value: 700},
			den.Heading{Value: 900, Confidence: den.Some[uint8](5)},
		},
		{Velocity{Magnitude: Speed{16383, 127}, Direction: Angle{3601, 127}}, den.UnknownSpeed(), den.UnknownHeading()},
	} {
		if speed, heading := toMovement(c.velocity); speed != c.speed || heading != c.heading {
			t.Errorf("%+v is %+v %+v", c.velocity, speed, heading)
		}
	}
	for h := range uint16(3600) {
		if turned(turned(h)) != h {
			t.Fatalf("%d is turned to %d and back to %d", h, turned(h), turned(turned(h)))
		}
	}
}

func TestClassification(t *testing.T) {
	for other, want := range map[den.TrafficParticipantType][]ObjectClass{
		den.TypeUnknown:         nil,
		den.TypeRoadSideUnit:    nil,
		den.TypePedestrian:      {{Kind: KindVRU, VRUProfile: 0, Confidence: 101}},
		den.TypeCyclist:         {{Kind: KindVRU, VRUProfile: 1, Confidence: 101}},
		den.TypeLightVruVehicle: {{Kind: KindVRU, VRUProfile: 1, Confidence: 101}},
		den.TypeMoped:           {{Kind: KindVRU, VRUProfile: 2, SubClass: 1, Confidence: 101}},
		den.TypeMotorcycle:      {{Kind: KindVRU, VRUProfile: 2, SubClass: 2, Confidence: 101}},
		den.TypeAnimal:          {{Kind: KindVRU, VRUProfile: 3, Confidence: 101}},
		den.TypePassengerCar:    {{Kind: KindVehicle, SubClass: 5, Confidence: 101}},
		den.TypeAgricultural:    {{Kind: KindVehicle, SubClass: 14, Confidence: 101}},
	} {
		if diff := cmp.Diff(want, classify(other)); diff != "" {
			t.Errorf("%v (-want +got)\n%s", other, diff)
		}
	}
}

// An object without speed and heading has no velocity; one of the two is enough for
// one.
func TestVelocityOfWhatIsKnown(t *testing.T) {
	speed, heading := den.Some(den.Speed{Value: 700}), den.Some(den.Heading{Value: 1800})
	none, none2 := den.Optional[den.Speed]{}, den.Optional[den.Heading]{}
	for _, c := range []struct {
		speed   den.Optional[den.Speed]
		heading den.Optional[den.Heading]
		want    den.Optional[Velocity]
	}{
		{none, none2, den.Optional[Velocity]{}},
		{speed, none2, den.Some(Velocity{Magnitude: Speed{700, 127}, Direction: Angle{3601, 127}})},
		{none, heading, den.Some(Velocity{Magnitude: Speed{16383, 127}, Direction: Angle{2700, 127}})},
	} {
		if got := fromVelocity(c.speed, c.heading); got != c.want {
			t.Errorf("%v %v is %+v", c.speed, c.heading, got)
		}
	}
}

// A container that is absent counts for nothing, whatever is left in it.
func TestAbsentContainers(t *testing.T) {
	for name, leave := range map[string]func(d *den.DENM){
		"situation": func(d *den.DENM) { d.Situation.Valid = false },
		"location":  func(d *den.DENM) { d.Location.Valid = false },
		"preCrash":  func(d *den.DENM) { d.PreCrash.Valid = false },
	} {
		for _, release := range []Release{R1, R2} {
			left := *crash()
			left.PreCrash.Value.PerceivedObject.Type = den.Optional[den.TrafficParticipantType]{} // the ways decide
			leave(&left)
			none := left
			if !none.Situation.Valid {
				none.Situation = den.Optional[den.Situation]{}
			}
			if !none.Location.Valid {
				none.Location = den.Optional[den.Location]{}
			}
			if !none.PreCrash.Valid {
				none.PreCrash = den.Optional[den.PreCrash]{}
			}
			p := Profile{Release: release}
			got, gotErr := p.Append(nil, &left)
			want, wantErr := p.Append(nil, &none)
			if !bytes.Equal(got, want) || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Errorf("%s, release %v: %x, %v; want %x, %v", name, release, got, gotErr, want, wantErr)
			}
		}
	}
}
