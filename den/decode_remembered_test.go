package den

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Whatever a reader has read before, it reads a message as one that has read nothing.
func TestReaderRemembersNothingWrong(t *testing.T) {
	remembers := false
	rapid.Check(t, func(t *rapid.T) {
		confidence := rapid.SampledFrom([]Optional[uint8]{{}, Some[uint8](2), Some[uint8](12)})
		dimension := rapid.Custom(func(t *rapid.T) Optional[ObjectDimension] {
			return rapid.SampledFrom([]Optional[ObjectDimension]{
				{}, Some(ObjectDimension{Value: 1}), Some(ObjectDimension{Value: 18, Confidence: Some[uint8](2)}), Some(ObjectDimension{Value: 181, Confidence: Some[uint8](21)}),
			}).Draw(t, "dimension")
		})
		var r reader
		for range rapid.IntRange(2, 6).Draw(t, "messages") {
			e := Event{
				Source:     rapid.SampledFrom([]string{"a", "ab", "", "ä", "a\"b", strings.Repeat("a", maxRemembered)}).Draw(t, "source"),
				Type:       rapid.SampledFrom([]string{"", TypeDENM, "x"}).Draw(t, "type"),
				Collisions: &StationCollisions{DetectionTime: MinTimestamp},
			}
			for i := range rapid.IntRange(2, 5).Draw(t, "stations") {
				// What is remembered of some of them has the same place.
				id := StationID(i*len(new(reader).states) + rapid.IntRange(0, 1).Draw(t, "id"))
				s := StationCollision{StationID: id, Position: PositionAt(1, 1), TimeToCollision: Some[uint16](7), CollisionLatitude: Some[Latitude](1), CollisionLongitude: Some[Longitude](-1)}
				s.ObjectID = rapid.SampledFrom([]Optional[ObjectID]{{}, Some[ObjectID](0), Some[ObjectID](1)}).Draw(t, "object")
				// One of the unknown type, and what comes behind it, is read key by key.
				s.StationType = rapid.SampledFrom([]TrafficParticipantType{TypePassengerCar, TypePassengerCar, TypeCyclist, TypeUnknown}).Draw(t, "type")
				s.MeasurementTime = rapid.SampledFrom([]Optional[Timestamp]{{}, Some(MinTimestamp), Some(MinTimestamp + 1000)}).Draw(t, "measured")
				s.Position.Latitude = rapid.SampledFrom([]Latitude{1, -1, 10}).Draw(t, "latitude")
				s.Speed = rapid.SampledFrom([]Speed{{}, {Value: 1}, {Value: 12, Confidence: Some[uint8](1)}}).Draw(t, "speed")
				s.Position.PositionConfidence.SemiMajorAxisOrientation = rapid.SampledFrom([]uint16{0, 1, 10}).Draw(t, "orientation")
				s.Position.Altitude = Altitude{Value: rapid.Int32Range(-1, 1).Draw(t, "altitude"), Confidence: confidence.Draw(t, "confidence")}
				s.ObjectDimensionX, s.ObjectDimensionY, s.ObjectDimensionZ = dimension.Draw(t, "x"), dimension.Draw(t, "y"), dimension.Draw(t, "z")
				s.ObjectPerceptionQuality = confidence.Draw(t, "quality")
				e.Collisions.Stations = append(e.Collisions.Stations, s)
			}
			text := e.AppendJSON(nil)
			if rapid.Bool().Draw(t, "spaced") {
				text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(`":`), []byte(`": `)), []byte(`,"`), []byte(`, "`))
			}
			if rapid.IntRange(0, 3).Draw(t, "odd") == 0 {
				text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.SampledFrom([]byte(` 0"},xn`)).Draw(t, "byte")
			}
			compareWithFresh(t, &r, text)
		}
		for i := range r.states {
			remembers = remembers || len(r.states[i].text) > 0
		}
	})
	if !remembers {
		t.Error("no reader remembered a station: this proves nothing")
	}
}

// compareWithFresh reads an event with a reader that has read others, and with a new one.
func compareWithFresh(t *rapid.T, r *reader, text []byte) {
	used, fresh := eventParser{text: text}, eventParser{text: text}
	plain := r.readPlain(text, used.parse)
	if new(reader).readPlain(text, fresh.parse) != plain {
		t.Fatalf("only one of them takes %s", text)
	}
	if !plain {
		return
	}
	fresh = eventParser{text: text}
	if err := new(reader).readAny(text, fresh.parse); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if diff := cmp.Diff(fresh.event, used.event); diff != "" {
		t.Fatalf("(-fresh +used)\n%s\n%s", diff, text)
	}
}

// What is kept of a message when it is read has an end.
func TestRememberedIsBounded(t *testing.T) {
	var r reader
	var source string
	text := []byte(strconv.Quote(strings.Repeat("a", MaxMessageSize-2)))
	if !r.readPlain(text, func(r *reader) error { return repeatedText(r, &source, &r.source) }) || len(source) != MaxMessageSize-2 {
		t.Fatal("not read")
	}
	if kept := cap(r.source.text) + len(r.source.says); kept > 0 {
		t.Errorf("%d bytes are kept", kept)
	}
}

// Seven decimals are read as one by one, and nothing else is taken for them.
func TestSevenDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Int64Range(0, 9999999).Draw(t, "fraction")
		text := fmt.Appendf(nil, ".%07d", want)
		if n, ok := sevenDecimals(text); !ok || n != want {
			t.Fatalf("%s is read as %d, %t", text, n, ok)
		}
	})
	for i := range len(".0000000") {
		for c := range 256 {
			text := []byte(".0000000")
			text[i] = byte(c)
			if _, ok := sevenDecimals(text); ok != (i == 0 && c == '.' || i > 0 && '0' <= c && c <= '9') {
				t.Errorf("%q: %t", text, ok)
			}
		}
		if _, ok := sevenDecimals([]byte(".0000000")[:i]); ok {
			t.Errorf("%d bytes are enough", i)
		}
	}
}
