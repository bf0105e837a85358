package den

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Rewrite the golden files with go test ./den -run Golden -update. They are what
// other subsystems read: commit a difference only when the wire format was meant
// to change.
var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(bytes.TrimSpace(want)), string(got)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", path, diff)
	}
}

func denmEvent() Event {
	return Event{
		ID:     "0f7c6c1e-58a3-4be0-9d55-0a4f6f0c2a11",
		Source: "step_producer/bologna",
		Time:   at("2026-04-11T06:30:12.180Z"),
		DENM:   wantDENM(),
	}
}

func TestGoldenEvent(t *testing.T) {
	ev := denmEvent()
	golden(t, "event_denm.golden.json", ev.AppendJSON(nil))
}

func TestGoldenCancellation(t *testing.T) {
	ev := denmEvent()
	ev.DENM = ev.DENM.Cancellation(at("2026-04-11T06:30:13.176Z"))
	golden(t, "event_cancellation.golden.json", ev.AppendJSON(nil))
}

func TestGoldenStationCollisions(t *testing.T) {
	ev := denmEvent()
	ev.DENM, ev.Collisions = nil, wantCollisions()
	golden(t, "event_collisions.golden.json", ev.AppendJSON(nil))
}

// What is written in the package's own form is the same value as what stands in
// the hand-written file.
func TestEncodeSaysWhatWasRead(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		written    []byte
	}{
		{"denm", "denm.json", wantDENM().AppendJSON(nil)},
		{"collisions", "collisions.json", wantCollisions().AppendJSON(nil)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want, got any
			if err := json.Unmarshal(readTestdata(t, tt.file), &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(tt.written, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDENMRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawDENM(t)
		text := want.AppendJSON([]byte("before"))
		if text = text[len("before"):]; !json.Valid(text) {
			t.Fatalf("no JSON: %s", text)
		}
		got, err := ParseDENM(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

func TestStationCollisionsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawCollisions(t)
		if err := want.Validate(); err != nil {
			t.Fatal(err)
		}
		text := want.AppendJSON(nil)
		if !json.Valid(text) {
			t.Fatalf("no JSON: %s", text)
		}
		got, err := ParseStationCollisions(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

// Attributes hold any text that a program or another subsystem gave them.
func TestEventRoundTripWithAnyText(t *testing.T) {
	text := rapid.OneOf(
		rapid.String(),
		rapid.StringOf(rapid.SampledFrom([]rune("\"\\\x00\x1f\n\t\x7f\u2028\u2029<>&é😀/"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		want := Event{
			ID:         text.Filter(func(s string) bool { return s != "" }).Draw(t, "id"),
			Source:     text.Draw(t, "source"),
			Type:       TypeDENM,
			DataSchema: SchemaDENM,
			Time:       drawTime(t, "time"),
			DENM:       wantDENM(),
		}
		encoded := want.AppendJSON(nil)
		if !json.Valid(encoded) {
			t.Fatalf("no JSON: %s", encoded)
		}
		got, err := ParseEvent(encoded)
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Source = string([]rune(want.ID)), string([]rune(want.Source)) // bytes that are no UTF-8 become U+FFFD
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

func TestEventAttributes(t *testing.T) {
	for _, tt := range []struct {
		name string
		ev   Event
		want map[string]any
	}{
		{"denm", denmEvent(), map[string]any{
			"specversion": "1.0", "id": "0f7c6c1e-58a3-4be0-9d55-0a4f6f0c2a11", "source": "step_producer/bologna",
			"type": "step.denm.v1", "time": "2026-04-11T06:30:12.180Z",
			"datacontenttype": "application/json", "dataschema": "DenmDataV1",
		}},
		{"collisions", Event{ID: "7", Source: "s", Collisions: wantCollisions()}, map[string]any{
			"specversion": "1.0", "id": "7", "source": "s", "type": "step.station_collision_array.v1",
			"datacontenttype": "application/json", "dataschema": "StationCollisionArrayV1",
		}},
		{"own_names", Event{ID: "7", Source: "s", Type: "org.example.warning", DataSchema: "https://example.org/denm", DENM: wantDENM()}, map[string]any{
			"specversion": "1.0", "id": "7", "source": "s", "type": "org.example.warning",
			"datacontenttype": "application/json", "dataschema": "https://example.org/denm",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got map[string]any
			if err := json.Unmarshal(tt.ev.AppendJSON(nil), &got); err != nil {
				t.Fatal(err)
			}
			if _, ok := got["data"].(map[string]any); !ok {
				t.Errorf("data is %v", got["data"])
			}
			delete(got, "data")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEventWithoutDataIsJSON(t *testing.T) {
	ev := Event{ID: "7"}
	want := `{"specversion":"1.0","id":"7","source":"","type":"step.denm.v1","datacontenttype":"application/json","dataschema":"DenmDataV1","data":null}`
	if got := string(ev.AppendJSON(nil)); got != want {
		t.Errorf("got %s", got)
	}
}

// Reference: RFC 9562, section 5.4.
func TestEventGetsRandomUUID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	ev := Event{Source: "s", DENM: wantDENM()}
	seen := make(map[string]bool)
	buffer := make([]byte, 0, 4096)
	for range 1000 {
		got, err := ParseEvent(ev.AppendJSON(buffer[:0]))
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(got.ID) {
			t.Fatalf("%s is not a UUID of version 4", got.ID)
		}
		if seen[got.ID] {
			t.Fatalf("%s was given twice", got.ID)
		}
		seen[got.ID] = true
	}
	if ev.ID != "" {
		t.Errorf("writing the event gave it the id %s", ev.ID)
	}
}

func TestEncodeAllocatesNothing(t *testing.T) {
	buffer := make([]byte, 0, 8192)
	denm, collisions := denmEvent(), Event{Source: "s", Collisions: wantCollisions()}
	denm.ID = "" // a new one each time
	for name, write := range map[string]func() []byte{
		"event":      func() []byte { return denm.AppendJSON(buffer[:0]) },
		"denm":       func() []byte { return denm.DENM.AppendJSON(buffer[:0]) },
		"collisions": func() []byte { return collisions.AppendJSON(buffer[:0]) },
	} {
		t.Run(name, func(t *testing.T) {
			if n := testing.AllocsPerRun(100, func() { write() }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

func TestEncodingJSONUsesTheSameForm(t *testing.T) {
	type message struct {
		Warning *DENM
		Array   *StationCollisions
	}
	want := message{wantDENM(), wantCollisions()}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if form := `{"Warning":` + string(want.Warning.AppendJSON(nil)) + `,"Array":` + string(want.Array.AppendJSON(nil)) + `}`; string(text) != form {
		t.Errorf("got  %s\nwant %s", text, form)
	}
	var got message
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	before := *got.Warning
	if err := got.Warning.UnmarshalJSON([]byte(`{}`)); err == nil || *got.Warning != before {
		t.Errorf("after the error %v the DENM is %+v", err, got.Warning)
	}
}

// Numbers that no name belongs to are written all the same: the text stays JSON
// and its reader can tell what is wrong.
func TestEncodeUnknownEnumCode(t *testing.T) {
	d := wantDENM()
	d.Situation.Value.EventType = 4
	text := d.AppendJSON(nil)
	if !json.Valid(text) || !bytes.Contains(text, []byte(`"eventType":4}`)) {
		t.Errorf("written as %s", text)
	}
	_, err := ParseDENM(text)
	if want := "situationContainer.eventType: must be a cause code such as humanPresenceOnTheRoad but is 4"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func drawTime(t *rapid.T, label string) Timestamp {
	return Timestamp(rapid.Int64Range(int64(MinTimestamp), int64(MaxTimestamp)).Draw(t, label))
}

// drawInt draws a number of the span. rapid itself prefers the ends.
func drawInt[I integer](t *rapid.T, label string, s span) I {
	return I(rapid.Int64Range(s.least, s.most).Draw(t, label))
}

func drawOptional[T any](t *rapid.T, label string, draw func() T) Optional[T] {
	if rapid.Bool().Draw(t, label+" is there") {
		return Some(draw())
	}
	return Optional[T]{}
}

func drawOptionalInt[I integer](t *rapid.T, label string, s span) Optional[I] {
	return drawOptional(t, label, func() I { return drawInt[I](t, label, s) })
}

func drawEnum[T ~uint8](t *rapid.T, name string) T {
	var codes []uint8
	for code := range 256 {
		if _, ok := enumCases[name].names[uint8(code)]; ok {
			codes = append(codes, uint8(code))
		}
	}
	return T(rapid.SampledFrom(codes).Draw(t, name))
}

func drawOptionalEnum[T ~uint8](t *rapid.T, name string) Optional[T] {
	return drawOptional(t, name, func() T { return drawEnum[T](t, name) })
}

func drawPosition(t *rapid.T) ReferencePosition {
	return ReferencePosition{
		Latitude:  drawInt[Latitude](t, "latitude", spanLatitude),
		Longitude: drawInt[Longitude](t, "longitude", spanLongitude),
		PositionConfidence: PositionConfidenceEllipse{
			SemiMajorAxisLength:      drawInt[uint16](t, "semiMajor", spanSemiAxisLength),
			SemiMinorAxisLength:      drawInt[uint16](t, "semiMinor", spanSemiAxisLength),
			SemiMajorAxisOrientation: drawInt[uint16](t, "orientation", spanHeadingValue),
		},
		Altitude: Altitude{
			Value:      drawInt[int32](t, "altitude", spanAltitudeValue),
			Confidence: drawOptionalInt[uint8](t, "altitude confidence", spanAltitudeConfidence),
		},
	}
}

func drawSpeed(t *rapid.T) Speed {
	return Speed{drawInt[uint16](t, "speed", spanSpeedValue), drawOptionalInt[uint8](t, "speed confidence", spanConfidence)}
}

func drawHeading(t *rapid.T) Heading {
	return Heading{drawInt[uint16](t, "heading", spanHeadingValue), drawOptionalInt[uint8](t, "heading confidence", spanConfidence)}
}

func drawDimension(t *rapid.T, label string) Optional[ObjectDimension] {
	return drawOptional(t, label, func() ObjectDimension {
		return ObjectDimension{
			drawInt[uint16](t, label, spanDimensionValue),
			drawOptionalInt[uint8](t, label+" confidence", spanDimensionConfidence),
		}
	})
}

func drawDENM(t *rapid.T) *DENM {
	d := &DENM{
		StationID: drawInt[StationID](t, "stationId", spanStationID),
		Management: Management{
			ActionID: ActionID{
				drawInt[StationID](t, "originatingStationId", spanStationID),
				drawInt[uint16](t, "sequenceNumber", spanSequenceNumber),
			},
			DetectionTime:        drawTime(t, "detectionTime"),
			ReferenceTime:        drawTime(t, "referenceTime"),
			Termination:          drawOptionalEnum[Termination](t, "Termination"),
			EventPosition:        drawPosition(t),
			AwarenessDistance:    drawOptionalInt[uint32](t, "awarenessDistance", spanAwarenessDistance),
			TrafficDirection:     drawOptionalEnum[TrafficDirection](t, "TrafficDirection"),
			ValidityDuration:     drawOptionalInt[uint32](t, "validityDuration", spanValidityDuration),
			TransmissionInterval: drawOptionalInt[uint16](t, "transmissionInterval", spanTransmissionInterval),
			StationType:          drawEnum[TrafficParticipantType](t, "TrafficParticipantType"),
			ReferenceStationID:   drawOptionalInt[StationID](t, "referenceStationId", spanStationID),
			ReferenceObjectID:    drawOptionalInt[ObjectID](t, "referenceObjectId", spanObjectID),
		},
	}
	if rapid.Bool().Draw(t, "situation") {
		d.Situation = Some(Situation{
			InformationQuality: drawOptionalInt[uint8](t, "informationQuality", spanInformationQuality),
			EventType:          drawEnum[CauseCode](t, "CauseCode"),
		})
	}
	if rapid.Bool().Draw(t, "location") {
		d.Location = Some(Location{
			EventSpeed:           drawOptional(t, "eventSpeed", func() Speed { return drawSpeed(t) }),
			EventPositionHeading: drawOptional(t, "eventHeading", func() Heading { return drawHeading(t) }),
			RoadType:             drawOptionalEnum[RoadType](t, "RoadType"),
		})
	}
	if rapid.Bool().Draw(t, "preCrash") {
		d.PreCrash = Some(PreCrash{
			PerceivedObject: PerceivedObject{
				ObjectID:                drawOptionalInt[ObjectID](t, "objectId", spanObjectID),
				MeasurementDeltaTime:    drawInt[int16](t, "measurementDeltaTime", spanMeasurementDeltaTime),
				Position:                drawPosition(t),
				Speed:                   drawOptional(t, "objectSpeed", func() Speed { return drawSpeed(t) }),
				Heading:                 drawOptional(t, "objectHeading", func() Heading { return drawHeading(t) }),
				ObjectDimensionZ:        drawDimension(t, "z"),
				ObjectDimensionY:        drawDimension(t, "y"),
				ObjectDimensionX:        drawDimension(t, "x"),
				ObjectPerceptionQuality: drawOptionalInt[uint8](t, "quality", spanPerceptionQuality),
			},
			StationIDInvolved:           drawOptionalInt[StationID](t, "stationIdInvolved", spanStationID),
			TimeToCollision:             drawOptionalInt[uint16](t, "timeToCollision", spanTimeToCollision),
			ImpactSection:               drawOptionalEnum[ObjectFace](t, "ObjectFace"),
			EstimatedBrakingDistance:    drawOptionalInt[uint16](t, "brakingDistance", spanBrakingDistance),
			EstimatedCollisionLatitude:  drawOptionalInt[Latitude](t, "collisionLatitude", spanLatitude),
			EstimatedCollisionLongitude: drawOptionalInt[Longitude](t, "collisionLongitude", spanLongitude),
		})
	}
	return d
}

func drawStation(t *rapid.T) StationCollision {
	return StationCollision{
		StationID:                drawInt[StationID](t, "stationId", spanStationID),
		ObjectID:                 drawOptionalInt[ObjectID](t, "objectId", spanObjectID),
		StationType:              drawEnum[TrafficParticipantType](t, "TrafficParticipantType"),
		MeasurementTime:          drawOptional(t, "measurementTime", func() Timestamp { return drawTime(t, "measurementTime") }),
		Position:                 drawPosition(t),
		Speed:                    drawSpeed(t),
		Heading:                  drawHeading(t),
		ObjectDimensionX:         drawDimension(t, "x"),
		ObjectDimensionY:         drawDimension(t, "y"),
		ObjectDimensionZ:         drawDimension(t, "z"),
		ObjectPerceptionQuality:  drawOptionalInt[uint8](t, "quality", spanPerceptionQuality),
		TimeToCollision:          Some(drawInt[uint16](t, "timeToCollision", spanTimeToCollision)),
		CollisionLatitude:        Some(drawInt[Latitude](t, "collisionLatitude", spanLatitude)),
		CollisionLongitude:       Some(drawInt[Longitude](t, "collisionLongitude", spanLongitude)),
		ImpactSection:            drawOptionalEnum[ObjectFace](t, "ObjectFace"),
		EstimatedBrakingDistance: drawOptionalInt[uint16](t, "brakingDistance", spanBrakingDistance),
	}
}

func drawCollisions(t *rapid.T) *StationCollisions {
	type object struct {
		station StationID
		object  ObjectID
	}
	c := &StationCollisions{
		DetectionTime: drawTime(t, "detectionTime"),
		Stations: rapid.SliceOfNDistinct(rapid.Custom(drawStation), 2, 5, func(s StationCollision) object {
			return object{s.StationID, s.ObjectID.Or(0)}
		}).Draw(t, "stations"),
	}
	if rapid.Bool().Draw(t, "reference without prediction") {
		c.Stations[0].TimeToCollision = Optional[uint16]{}
		c.Stations[0].CollisionLatitude = Optional[Latitude]{}
		c.Stations[0].CollisionLongitude = Optional[Longitude]{}
	}
	return c
}

// A message is written as it should be also where it is a value, and not a pointer.
func TestMarshalValues(t *testing.T) {
	d, c := wantDENM(), wantCollisions()
	for name, tt := range map[string]struct {
		value any
		want  []byte
	}{
		"DENM":                {*d, d.AppendJSON(nil)},
		"pointer to a DENM":   {d, d.AppendJSON(nil)},
		"field":               {struct{ D DENM }{*d}, append(d.AppendJSON([]byte(`{"D":`)), '}')},
		"no DENM":             {(*DENM)(nil), []byte("null")},
		"collisions":          {*c, c.AppendJSON(nil)},
		"pointer to an array": {c, c.AppendJSON(nil)},
	} {
		got, err := json.Marshal(tt.value)
		if err != nil || string(got) != string(tt.want) {
			t.Errorf("%s: %s, %v; want %s", name, got, err, tt.want)
		}
	}
}

// A container that is absent counts for nothing, whatever is left in it.
func TestAbsentContainers(t *testing.T) {
	left := wantDENM()
	left.Situation.Valid, left.Location.Valid, left.PreCrash.Valid = false, false, false
	want := DENM{StationID: left.StationID, Management: left.Management}
	if got, want := string(left.AppendJSON(nil)), string(want.AppendJSON(nil)); got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if key, ok := left.Key(); ok {
		t.Errorf("it is about %v", key)
	}
	var c Encoder
	appendAll(t, &c, Event{ID: "1", DENM: &want}, Event{ID: "2", DENM: left}, Event{ID: "3", DENM: wantDENM()}, Event{ID: "4", DENM: left})
}

// Whoever prints a DENM sees which it is, and not where it lies in memory.
func TestDENMString(t *testing.T) {
	d := denmEvent().DENM
	ended := d.Cancellation(d.Management.ReferenceTime)
	for _, tt := range []struct {
		d    *DENM
		want string
	}{
		{d, "3100007/41 2101:0-2102:0 2026-04-11T06:30:12.175Z"},
		{ended, "3100007/41 2101:0-2102:0 2026-04-11T06:30:12.176Z isCancellation"},
		{&DENM{Management: Management{ActionID: ActionID{1, 2}}}, "1/2 1970-01-01T00:00:00.000Z"},
		{nil, "no DENM"},
	} {
		if got := fmt.Sprint([]*DENM{tt.d}); got != "["+tt.want+"]" {
			t.Errorf("got %s, want [%s]", got, tt.want)
		}
	}
}
