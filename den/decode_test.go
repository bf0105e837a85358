package den

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

func readTestdata(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// at returns the time of the text.
func at(text string) Timestamp {
	var t Timestamp
	if err := t.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return t
}

// wantDENM is testdata/denm.json.
func wantDENM() *DENM {
	return &DENM{
		StationID: 3100007,
		Management: Management{
			ActionID:      ActionID{OriginatingStationID: 3100007, SequenceNumber: 41},
			DetectionTime: at("2026-04-11T06:30:12.160Z"),
			ReferenceTime: at("2026-04-11T06:30:12.175Z"),
			EventPosition: ReferencePosition{
				Latitude:           444948876,
				Longitude:          113426160,
				PositionConfidence: PositionConfidenceEllipse{150, 120, 450},
				Altitude:           Altitude{5400, Some[uint8](6)},
			},
			AwarenessDistance:    Some[uint32](199),
			TrafficDirection:     Some(AllTrafficDirections),
			ValidityDuration:     Some[uint32](6),
			TransmissionInterval: Some[uint16](1000),
			StationType:          TypeRoadSideUnit,
			ReferenceStationID:   Some[StationID](2101),
			ReferenceObjectID:    Some[ObjectID](0),
		},
		Situation: Some(Situation{EventType: CauseCollisionRisk}),
		Location: Some(Location{
			EventSpeed:           Some(Speed{1250, Some[uint8](50)}),
			EventPositionHeading: Some(Heading{900, Some[uint8](20)}),
			RoadType:             Some(UrbanNotSeparated),
		}),
		PreCrash: Some(PreCrash{
			PerceivedObject: PerceivedObject{
				MeasurementDeltaTime: -35,
				Position: ReferencePosition{
					Latitude:           444951203,
					Longitude:          113429555,
					PositionConfidence: PositionConfidenceEllipse{200, 180, 0},
					Altitude:           Altitude{Value: 5400},
				},
				Speed:                   Some(Speed{1005, Some[uint8](50)}),
				Heading:                 Some(Heading{1800, Some[uint8](20)}),
				ObjectDimensionZ:        Some(ObjectDimension{15, Some[uint8](2)}),
				ObjectDimensionY:        Some(ObjectDimension{18, Some[uint8](3)}),
				ObjectDimensionX:        Some(ObjectDimension{45, Some[uint8](4)}),
				ObjectPerceptionQuality: Some[uint8](12),
			},
			StationIDInvolved:           Some[StationID](2102),
			TimeToCollision:             Some[uint16](2300),
			ImpactSection:               Some(FaceSideLeftFront),
			EstimatedBrakingDistance:    Some[uint16](170),
			EstimatedCollisionLatitude:  Some[Latitude](444948881),
			EstimatedCollisionLongitude: Some[Longitude](113429570),
		}),
	}
}

// wantCollisions is testdata/collisions.json.
func wantCollisions() *StationCollisions {
	return &StationCollisions{
		DetectionTime: at("2026-04-11T06:30:12.160Z"),
		Stations: []StationCollision{
			{
				StationID:       2101,
				ObjectID:        Some[ObjectID](0),
				StationType:     TypePassengerCar,
				MeasurementTime: Some(at("2026-04-11T06:30:12.160Z")),
				Position: ReferencePosition{
					Latitude:           444948876,
					Longitude:          113426160,
					PositionConfidence: PositionConfidenceEllipse{150, 120, 450},
					Altitude:           Altitude{5400, Some[uint8](6)},
				},
				Speed:                    Speed{1250, Some[uint8](50)},
				Heading:                  Heading{900, Some[uint8](20)},
				ObjectDimensionX:         Some(ObjectDimension{42, Some[uint8](2)}),
				ObjectDimensionY:         Some(ObjectDimension{19, Some[uint8](3)}),
				EstimatedBrakingDistance: Some[uint16](210),
			},
			{
				StationID:       2102,
				StationType:     TypePassengerCar,
				MeasurementTime: Some(at("2026-04-11T06:30:12.140Z")),
				Position: ReferencePosition{
					Latitude:           444951203,
					Longitude:          113429555,
					PositionConfidence: PositionConfidenceEllipse{200, 180, 0},
					Altitude:           Altitude{Value: 5400},
				},
				Speed:                    Speed{1005, Some[uint8](50)},
				Heading:                  Heading{1800, Some[uint8](20)},
				ObjectDimensionX:         Some(ObjectDimension{45, Some[uint8](4)}),
				ObjectDimensionY:         Some(ObjectDimension{18, Some[uint8](3)}),
				ObjectDimensionZ:         Some(ObjectDimension{15, Some[uint8](2)}),
				ObjectPerceptionQuality:  Some[uint8](12),
				TimeToCollision:          Some[uint16](2300),
				CollisionLatitude:        Some[Latitude](444948881),
				CollisionLongitude:       Some[Longitude](113429570),
				ImpactSection:            Some(FaceSideLeftFront),
				EstimatedBrakingDistance: Some[uint16](170),
			},
			{
				StationID:       2102,
				ObjectID:        Some[ObjectID](9),
				StationType:     TypeCyclist,
				MeasurementTime: Some(at("2026-04-11T06:30:12.110Z")),
				Position: ReferencePosition{
					Latitude:           444947994,
					Longitude:          113430051,
					PositionConfidence: PositionConfidenceEllipse{300, 300, UnavailableHeading},
					Altitude:           Altitude{Value: UnavailableAltitude},
				},
				Speed:                    Speed{Value: 430},
				Heading:                  Heading{Value: 0},
				ObjectDimensionX:         Some(ObjectDimension{18, Some[uint8](4)}),
				ObjectDimensionY:         Some(ObjectDimension{6, Some[uint8](4)}),
				ObjectPerceptionQuality:  Some[uint8](8),
				TimeToCollision:          Some[uint16](3100),
				CollisionLatitude:        Some[Latitude](444948878),
				CollisionLongitude:       Some[Longitude](113430058),
				ImpactSection:            Some(FaceFront),
				EstimatedBrakingDistance: Some[uint16](40),
			},
		},
	}
}

// edit replaces a member of the JSON text, named by its JSON pointer, by others.
// No members at all means that it is dropped.
func edit(tb testing.TB, text []byte, pointer, members string) []byte {
	tb.Helper()
	dec := jsontext.NewDecoder(bytes.NewReader(text))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			tb.Fatalf("%s is not in the message: %v", pointer, err)
		}
		if token.Kind() != '"' || string(dec.StackPointer()) != pointer {
			continue
		}
		name := token.String()
		start := dec.InputOffset() - int64(len(strconv.Quote(name)))
		if err := dec.SkipValue(); err != nil {
			tb.Fatal(err)
		}
		if members == "" {
			members = `"x-` + name + `":null`
		}
		return []byte(string(text[:start]) + members + string(text[dec.InputOffset():]))
	}
}

func event(schema string, data []byte) []byte {
	return []byte(`{"specversion":"1.0","id":"e-1","source":"step_crash_prediction","type":"","time":"2026-04-11T06:30:12.170Z",` +
		`"datacontenttype":"application/json","dataschema":"` + schema + `","data":` + string(data) + `}`)
}

func TestDecodeDENM(t *testing.T) {
	got, err := ParseDENM(readTestdata(t, "denm.json"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantDENM(), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if key, ok := got.Key(); !ok || key != (Key{2101, 0, 2102, 0}) {
		t.Errorf("Key() = %s, %t", key, ok)
	}
	if want := at("2026-04-11T06:30:18.160Z"); got.ValidUntil() != want {
		t.Errorf("ValidUntil() = %s, want %s", got.ValidUntil(), want)
	}
}

func TestDecodeStationCollisions(t *testing.T) {
	got, err := ParseStationCollisions(readTestdata(t, "collisions.json"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantCollisions(), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Every recorded message decodes, and says the same once written again.
func TestDecodeRecordedCollisions(t *testing.T) {
	for i, line := range recorded(t) {
		c, err := ParseStationCollisions(line)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if got := c.AppendJSON(nil); !bytes.Equal(got, line) {
			t.Fatalf("line %d is written again as\n%s\nnot\n%s", i+1, got, line)
		}
	}
}

func recorded(tb testing.TB) [][]byte {
	tb.Helper()
	text, err := os.ReadFile("../testdata/urban-grid.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(text), []byte("\n"))
}

// A key that is missing and one that is null mean the same, and so does a value
// that ETSI's "unavailable" would say.
func TestDecodeAbsentValues(t *testing.T) {
	for _, tt := range []struct {
		pointer string
		absent  func(d *DENM)
	}{
		{"/situationContainer", func(d *DENM) { d.Situation = Optional[Situation]{} }},
		{"/locationContainer", func(d *DENM) { d.Location = Optional[Location]{} }},
		{"/preCrashContainer", func(d *DENM) { d.PreCrash = Optional[PreCrash]{} }},
		{"/managementContainer/termination", func(*DENM) {}},
		{"/managementContainer/awarenessDistance", func(d *DENM) { d.Management.AwarenessDistance = Optional[uint32]{} }},
		{"/managementContainer/trafficDirection", func(d *DENM) { d.Management.TrafficDirection = Optional[TrafficDirection]{} }},
		{"/managementContainer/validityDuration", func(d *DENM) { d.Management.ValidityDuration = Optional[uint32]{} }},
		{"/managementContainer/transmissionInterval", func(d *DENM) { d.Management.TransmissionInterval = Optional[uint16]{} }},
		{"/managementContainer/referenceStationId", func(d *DENM) { d.Management.ReferenceStationID = Optional[StationID]{} }},
		{"/managementContainer/referenceObjectId", func(d *DENM) { d.Management.ReferenceObjectID = Optional[ObjectID]{} }},
		{"/managementContainer/eventPosition/altitude", func(d *DENM) {
			d.Management.EventPosition.Altitude = Altitude{Value: UnavailableAltitude}
		}},
		{"/managementContainer/eventPosition/altitude/value", func(d *DENM) {
			d.Management.EventPosition.Altitude.Value = UnavailableAltitude
		}},
		{"/managementContainer/eventPosition/altitude/confidence", func(d *DENM) {
			d.Management.EventPosition.Altitude.Confidence = Optional[uint8]{}
		}},
		{"/managementContainer/eventPosition/positionConfidence", func(d *DENM) {
			d.Management.EventPosition.PositionConfidence = PositionConfidenceEllipse{4095, 4095, 3601}
		}},
		{"/managementContainer/eventPosition/positionConfidence/semiMajorAxisLengthConfidence", func(d *DENM) {
			d.Management.EventPosition.PositionConfidence.SemiMajorAxisLength = UnavailableSemiAxisLength
		}},
		{"/managementContainer/eventPosition/positionConfidence/semiMajorAxisOrientation", func(d *DENM) {
			d.Management.EventPosition.PositionConfidence.SemiMajorAxisOrientation = UnavailableHeading
		}},
		{"/situationContainer/informationQuality", func(*DENM) {}},
		{"/locationContainer/eventSpeed", func(d *DENM) { d.Location.Value.EventSpeed = Optional[Speed]{} }},
		{"/locationContainer/eventSpeed/value", func(d *DENM) { d.Location.Value.EventSpeed.Value.Value = UnavailableSpeed }},
		{"/locationContainer/eventPositionHeading", func(d *DENM) { d.Location.Value.EventPositionHeading = Optional[Heading]{} }},
		{"/locationContainer/eventPositionHeading/value", func(d *DENM) {
			d.Location.Value.EventPositionHeading.Value.Value = UnavailableHeading
		}},
		{"/locationContainer/eventPositionHeading/confidence", func(d *DENM) {
			d.Location.Value.EventPositionHeading.Value.Confidence = Optional[uint8]{}
		}},
		{"/locationContainer/roadType", func(d *DENM) { d.Location.Value.RoadType = Optional[RoadType]{} }},
		{"/preCrashContainer/stationIdInvolved", func(d *DENM) { d.PreCrash.Value.StationIDInvolved = Optional[StationID]{} }},
		{"/preCrashContainer/timeToCollision", func(d *DENM) { d.PreCrash.Value.TimeToCollision = Optional[uint16]{} }},
		{"/preCrashContainer/impactSection", func(d *DENM) { d.PreCrash.Value.ImpactSection = Optional[ObjectFace]{} }},
		{"/preCrashContainer/estimatedBrakingDistance", func(d *DENM) { d.PreCrash.Value.EstimatedBrakingDistance = Optional[uint16]{} }},
		{"/preCrashContainer/estimatedCollisionLatitude", func(d *DENM) { d.PreCrash.Value.EstimatedCollisionLatitude = Optional[Latitude]{} }},
		{"/preCrashContainer/estimatedCollisionLongitude", func(d *DENM) { d.PreCrash.Value.EstimatedCollisionLongitude = Optional[Longitude]{} }},
		{"/preCrashContainer/perceivedObject/objectId", func(*DENM) {}},
		{"/preCrashContainer/perceivedObject/speed", func(d *DENM) { d.PreCrash.Value.PerceivedObject.Speed = Optional[Speed]{} }},
		{"/preCrashContainer/perceivedObject/heading", func(d *DENM) { d.PreCrash.Value.PerceivedObject.Heading = Optional[Heading]{} }},
		{"/preCrashContainer/perceivedObject/objectDimensionZ", func(d *DENM) {
			d.PreCrash.Value.PerceivedObject.ObjectDimensionZ = Optional[ObjectDimension]{}
		}},
		{"/preCrashContainer/perceivedObject/objectDimensionY/confidence", func(d *DENM) {
			d.PreCrash.Value.PerceivedObject.ObjectDimensionY.Value.Confidence = Optional[uint8]{}
		}},
		{"/preCrashContainer/perceivedObject/objectPerceptionQuality", func(d *DENM) {
			d.PreCrash.Value.PerceivedObject.ObjectPerceptionQuality = Optional[uint8]{}
		}},
	} {
		name := tt.pointer[strings.LastIndexByte(tt.pointer, '/')+1:]
		want := wantDENM()
		tt.absent(want)
		for how, members := range map[string]string{"missing": "", "null": `"` + name + `":null`} {
			t.Run(strings.ReplaceAll(tt.pointer[1:], "/", ".")+"_"+how, func(t *testing.T) {
				got, err := ParseDENM(edit(t, readTestdata(t, "denm.json"), tt.pointer, members))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
}

func TestDecodeValueForms(t *testing.T) {
	for _, tt := range []struct {
		name, pointer, value string
		got                  func(d *DENM) any
		want                 any
	}{
		{"float_integer", "/stationId", "7.0", func(d *DENM) any { return d.StationID }, StationID(7)},
		{"exponent_integer", "/stationId", "42e2", func(d *DENM) any { return d.StationID }, StationID(4200)},
		{"greatest_station", "/stationId", "4294967295", func(d *DENM) any { return d.StationID }, StationID(4294967295)},
		{"integer_degrees", "/managementContainer/eventPosition/latitude", "-45", latitude, Latitude(-450000000)},
		{"degrees_8_decimals_down", "/managementContainer/eventPosition/latitude", "45.12345674", latitude, Latitude(451234567)},
		{"degrees_8_decimals_up", "/managementContainer/eventPosition/latitude", "-45.12345678", latitude, Latitude(-451234568)},
		{"degrees_of_a_float64", "/managementContainer/eventPosition/latitude", "44.494887600000002", latitude, Latitude(444948876)},
		{"degrees_exponent", "/managementContainer/eventPosition/latitude", "4.5e1", latitude, Latitude(450000000)},
		{"degrees_tiny", "/managementContainer/eventPosition/latitude", "1e-300", latitude, Latitude(0)},
		{"degrees_minus_zero", "/managementContainer/eventPosition/latitude", "-0.0", latitude, Latitude(0)},
		{"north_pole", "/managementContainer/eventPosition/latitude", "90", latitude, Latitude(900000000)},
		{"south_pole", "/managementContainer/eventPosition/latitude", "-90.0000000", latitude, Latitude(-900000000)},
		{"date_line", "/managementContainer/eventPosition/longitude", "180.0", longitude, Longitude(1800000000)},
		{"west", "/managementContainer/eventPosition/longitude", "-179.9999999", longitude, Longitude(-1799999999)},
		{"escaped_text", "/managementContainer/stationType", `"bu\u0073"`, stationType, TypeBus},
		{"python_constant", "/managementContainer/stationType", `"PASSENGER_CAR"`, stationType, TypePassengerCar},
		{"code", "/managementContainer/stationType", `11`, stationType, TypeTram},
		{"code_as_text", "/managementContainer/stationType", `"11"`, stationType, TypeTram},
		{"time_with_offset", "/managementContainer/referenceTime", `"2026-04-11T08:30:12.1759+02:00"`, func(d *DENM) any {
			return d.Management.ReferenceTime
		}, at("2026-04-11T06:30:12.175Z")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := tt.pointer[strings.LastIndexByte(tt.pointer, '/')+1:]
			d, err := ParseDENM(edit(t, readTestdata(t, "denm.json"), tt.pointer, `"`+name+`":`+tt.value))
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.got(d); got != tt.want {
				t.Errorf("%s is read as %v, want %v", tt.value, got, tt.want)
			}
		})
	}
}

func latitude(d *DENM) any    { return d.Management.EventPosition.Latitude }
func longitude(d *DENM) any   { return d.Management.EventPosition.Longitude }
func stationType(d *DENM) any { return d.Management.StationType }

// A time to collision that a DENM cannot say is brought to the nearest it can.
func TestDecodeClampsTimeToCollision(t *testing.T) {
	for value, want := range map[string]uint16{
		"-5": 1, "0": 1, "1": 1, "10000": 10000, "10001": 10000, "60000": 10000, "2300.0": 2300,
		"-9007199254740993": 1, "99999999999999999": 10000,
	} {
		t.Run("ttc_"+value, func(t *testing.T) {
			text := strings.Replace(string(readTestdata(t, "collisions.json")), `"timeToCollision": 2300`, `"timeToCollision": `+value, 1)
			c, err := ParseStationCollisions([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Stations[1].TimeToCollision; got != Some(want) {
				t.Errorf("got %s, want %d", got, want)
			}
		})
	}
}

func TestDecodeIgnoresUnknownKeys(t *testing.T) {
	const news = `"newKey":{"stationId":-1,"deep":[[{"stations":[]}],null,1e400]},"StationId":"x","":0,`
	denm := strings.ReplaceAll(string(readTestdata(t, "denm.json")), "{", "{"+news)
	got, err := ParseDENM([]byte(denm))
	if diff := cmp.Diff(wantDENM(), got); err != nil || diff != "" {
		t.Errorf("DENM: %v (-want +got)\n%s", err, diff)
	}
	array := strings.ReplaceAll(string(readTestdata(t, "collisions.json")), "{", "{"+news)
	gotArray, err := ParseStationCollisions([]byte(array))
	if diff := cmp.Diff(wantCollisions(), gotArray); err != nil || diff != "" {
		t.Errorf("collision array: %v (-want +got)\n%s", err, diff)
	}
	ev, err := ParseEvent([]byte(strings.Replace(string(event(SchemaDENM, []byte(denm))), "{", `{"data_base64":"AA==",`+news, 1)))
	if diff := cmp.Diff(wantDENM(), ev.DENM); err != nil || diff != "" {
		t.Errorf("event: %v (-want +got)\n%s", err, diff)
	}
}

func TestDecodeCollisionForms(t *testing.T) {
	text := string(readTestdata(t, "collisions.json"))
	list := text[strings.Index(text, "[") : strings.LastIndex(text, "]")+1]
	for _, tt := range []struct{ name, text string }{
		{"stations_first", `{"stations":` + list + `,"detectionTime":"2026-04-11T06:30:12.160Z"}`},
		{"stationCollisions", strings.Replace(text, `"stations"`, `"stationCollisions"`, 1)},
		{"null_beside_stationCollisions", strings.Replace(text, `"stations"`, `"stations":null,"stationCollisions"`, 1)},
		{"bare_array", list},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseStationCollisions([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantCollisions(), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A bare array has no detection time of its own: it is that of the reference's
// measurement, or else that of the envelope.
func TestDecodeBareArrayTakesTimeOfEnvelope(t *testing.T) {
	text := string(readTestdata(t, "collisions.json"))
	list := text[strings.Index(text, "[") : strings.LastIndex(text, "]")+1]
	list = strings.Replace(list, `"measurementTime"`, `"x"`, 1)
	for _, tt := range []struct{ name, schema string }{{"by_schema", SchemaStationCollisions}, {"by_shape", ""}} {
		t.Run(tt.name, func(t *testing.T) {
			ev, err := ParseEvent(event(tt.schema, []byte(list)))
			if err != nil {
				t.Fatal(err)
			}
			if want := at("2026-04-11T06:30:12.170Z"); ev.Collisions.DetectionTime != want {
				t.Errorf("detection time %s, want %s", ev.Collisions.DetectionTime, want)
			}
		})
	}
	if _, err := ParseStationCollisions([]byte(list)); err == nil || err.Error() != "detectionTime: missing" {
		t.Errorf("without any time: %v", err)
	}
	withoutTime := strings.Replace(string(event("", []byte(list))), `"time"`, `"x"`, 1)
	if _, err := ParseEvent([]byte(withoutTime)); err == nil || err.Error() != "data.detectionTime: missing" {
		t.Errorf("without any time in an event: %v", err)
	}
}

func TestDecodeEventEnvelopes(t *testing.T) {
	denm, collisions := string(readTestdata(t, "denm.json")), string(readTestdata(t, "collisions.json"))
	list := collisions[strings.Index(collisions, "[") : strings.LastIndex(collisions, "]")+1]
	asText := func(data string) string {
		quoted, err := jsontext.AppendQuote(nil, data)
		if err != nil {
			t.Fatal(err)
		}
		return string(quoted)
	}
	attributes := Event{ID: "e-1", Source: "s", Type: TypeDENM, Time: at("2026-04-11T06:30:12.170Z"), DataSchema: SchemaDENM}
	const head = `"id":"e-1","source":"s","type":"step.denm.v1","time":"2026-04-11T06:30:12.170Z"`
	for _, tt := range []struct {
		name, text string
		want       Event // its DENM or Collisions is filled in
		kind       kind
	}{
		{"usual_order", `{` + head + `,"dataschema":"DenmDataV1","data":` + denm + `}`, attributes, denmKind},
		{"data_first", `{"data":` + denm + `,"dataschema":"DenmDataV1",` + head + `}`, attributes, denmKind},
		{"data_as_text", `{` + head + `,"dataschema":"DenmDataV1","data":` + asText(denm) + `}`, attributes, denmKind},
		{"collisions", `{"dataschema":"StationCollisionArrayV1","data":` + collisions + `}`, Event{DataSchema: SchemaStationCollisions}, collisionsKind},
		{"collisions_first", `{"data":` + collisions + `,"dataschema":"StationCollisionArrayV1"}`, Event{DataSchema: SchemaStationCollisions}, collisionsKind},
		{"collisions_as_text", `{"dataschema":"StationCollisionArrayV1","data":` + asText(collisions) + `}`, Event{DataSchema: SchemaStationCollisions}, collisionsKind},
		{"collision_list", `{"dataschema":"StationCollisionArrayV1","data":` + list + `}`, Event{DataSchema: SchemaStationCollisions}, collisionsKind},
		{"schema_before_type", `{"type":"step.denm.v1","dataschema":"StationCollisionArrayV1","data":` + collisions + `}`, Event{Type: TypeDENM, DataSchema: SchemaStationCollisions}, collisionsKind},
		{"by_type", `{"type":"step.station_collision_array.v1","data":` + collisions + `}`, Event{Type: TypeStationCollisions}, collisionsKind},
		{"by_type_after_unknown_schema", `{"type":"step.denm.v1","dataschema":"urn:x","data":` + denm + `}`, Event{Type: TypeDENM, DataSchema: "urn:x"}, denmKind},
		{"by_keys_denm", `{"data":` + denm + `}`, Event{}, denmKind},
		{"by_keys_collisions", `{"data":` + collisions + `}`, Event{}, collisionsKind},
		{"by_keys_stationCollisions", `{"data":` + strings.Replace(collisions, `"stations"`, `"stationCollisions"`, 1) + `}`, Event{}, collisionsKind},
		{"by_keys_list", `{"data":` + list + `}`, Event{}, collisionsKind},
		{"by_keys_text", `{"data":` + asText(" "+denm) + `}`, Event{}, denmKind},
		{"bare_denm", denm, Event{}, denmKind},
		{"bare_collisions", collisions, Event{}, collisionsKind},
		{"bare_list", list, Event{}, collisionsKind},
		{"blanks_around", "\r\n\t " + denm + " \n", Event{}, denmKind},
		{"attributes_of_wrong_type", `{"id":7,"source":{"a":[1]},"type":null,"time":12,"dataschema":["DenmDataV1"],"specversion":{},"data":` + denm + `}`, Event{}, denmKind},
		{"unreadable_time", `{"time":"yesterday","data":` + denm + `}`, Event{}, denmKind},
		{"escaped_attributes", `{"\u0069d":"a\"b\u00e9","dataschem\u0061":"DenmDataV\u0031","data":` + denm + `}`, Event{ID: `a"bé`, DataSchema: SchemaDENM}, denmKind},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if tt.kind == denmKind {
				want.DENM = wantDENM()
			} else {
				want.Collisions = wantCollisions()
			}
			got, err := ParseEvent([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestKindOfSchemaAndType(t *testing.T) {
	for name, want := range map[string]kind{
		"DenmDataV1":                    denmKind,
		"denm_data_v1":                  denmKind,
		"DENM":                          denmKind,
		"step.denm.v1":                  denmKind,
		"https://x/schemas/DenmDataV1":  denmKind,
		"https://x/schemas/DenmDataV1/": denmKind,
		"https://x/denm_data_v1.json":   denmKind,
		"https://x/denm/denm-data.json": denmKind,
		"StationCollisionArrayV1":       collisionsKind,
		"station_collision_array_v1":    collisionsKind,
		"step.station_collision.v1":     collisionsKind,
		"step.station-collision-array":  collisionsKind,
		"STATION.COLLISION":             collisionsKind,
		"https://denm.org/stationcollisionarray_v1.schema.json": collisionsKind,
		"":                      unknownKind,
		"/":                     unknownKind,
		"CamDataV1":             unknownKind,
		"step.cam.v1":           unknownKind,
		"https://denm.org/cam":  unknownKind,
		"stations":              unknownKind,
		"https://x/denm#/array": unknownKind,
	} {
		if got := kindOf(name); got != want {
			t.Errorf("kindOf(%q) = %d, want %d", name, got, want)
		}
	}
}

// The caller owns the bytes of a message: they are not changed, not even behind
// their end, and nothing of the result points into them.
func TestDecodeLeavesInputAlone(t *testing.T) {
	text := event(SchemaDENM, readTestdata(t, "denm.json"))
	buffer := append(bytes.Clone(text), "behind the end"...)
	got, err := ParseEvent(buffer[:len(text)])
	if err != nil {
		t.Fatal(err)
	}
	if want := string(text) + "behind the end"; string(buffer) != want {
		t.Error("the input was changed")
	}
	clear(buffer)
	if diff := cmp.Diff(wantDENM(), got.DENM); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.ID != "e-1" || got.Source != "step_crash_prediction" || got.DataSchema != SchemaDENM {
		t.Errorf("the attributes changed with the input: %q %q %q", got.ID, got.Source, got.DataSchema)
	}
}

func TestDecodeConcurrently(t *testing.T) {
	var all sync.WaitGroup
	denm, array := event(SchemaDENM, readTestdata(t, "denm.json")), event("", readTestdata(t, "collisions.json"))
	for range 4 {
		all.Go(func() {
			for i := range 200 {
				if ev, err := ParseEvent(denm); err != nil || !cmp.Equal(ev.DENM, wantDENM()) {
					t.Errorf("DENM: %v", err)
				}
				if ev, err := ParseEvent(array); err != nil || len(ev.Collisions.Stations) != 3 {
					t.Errorf("collision array: %v", err)
				}
				if _, err := ParseEvent(denm[:i]); err == nil {
					t.Errorf("the first %d bytes are no message", i)
				}
			}
		})
	}
	all.Wait()
}
