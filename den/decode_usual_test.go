package den

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// usualStations returns stations in the form that most senders write, with all values and
// with none that may be null, in both styles.
func usualStations(t testing.TB) map[string]string {
	full := wantCollisions().Stations[1]
	full.ObjectID = Some(ObjectID(7))
	full.MeasurementTime = Some(at("2026-04-11T06:30:12.080Z"))
	full.Speed.Confidence, full.Heading.Confidence, full.Position.Altitude.Confidence = Some[uint8](1), Some[uint8](2), Some[uint8](3)
	dimension := Some(ObjectDimension{Value: 42, Confidence: Some[uint8](2)})
	full.ObjectDimensionX, full.ObjectDimensionY, full.ObjectDimensionZ = dimension, dimension, dimension
	full.ObjectPerceptionQuality, full.EstimatedBrakingDistance = Some[uint8](15), Some[uint16](4095)
	full.TimeToCollision, full.ImpactSection = Some[uint16](2400), Some(FaceBack)
	full.CollisionLatitude, full.CollisionLongitude = Some[Latitude](-450703402), Some[Longitude](76871910)
	empty := StationCollision{StationID: 1, StationType: TypeUnknown, Position: PositionAt(1, -1), Speed: UnknownSpeed(), Heading: UnknownHeading()}
	var check checker
	if check.station(&full); check.err != nil {
		t.Fatal(check.err)
	}
	texts := make(map[string]string)
	for name, s := range map[string]*StationCollision{"full": &full, "empty": &empty} {
		text := string(s.append(nil))
		texts[name] = text
		texts[name+", with spaces"] = strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(text)
	}
	return texts
}

// What this module writes is read in one go, and it is the same station then.
func TestUsualStation(t *testing.T) {
	for name, text := range usualStations(t) {
		t.Run(name, func(t *testing.T) {
			var usual, exact StationCollision
			r := reader{plain: true, scan: scanner{text: []byte(text)}}
			if !r.usualStation(&usual) || r.scan.end() != nil {
				t.Fatalf("not read: %s", text)
			}
			if err := new(reader).readAny([]byte(text), func(r *reader) error { return stationKeys.read(r, &exact) }); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(exact, usual); diff != "" {
				t.Errorf("(-jsontext +usual)\n%s", diff)
			}
		})
	}
}

// Whatever stands in one of the blanks, and wherever the text ends, the station is read as
// jsontext reads it, or not at all.
func TestUsualStationWithOddValues(t *testing.T) {
	odd := []string{
		``, `null`, `nul`, `true`, `0`, `-0`, `-1`, `01`, `-01`, `+1`, `1 `, ` 1`, `1.0`, `1e0`, `1.`, `.5`, `-`, `127`, `128`, `256`, `257`,
		`3602`, `16384`, `65536`, `4294967296`, `123456789012345678`, `1234567890123456789`, `18446744073709551617`,
		`90.0000001`, `45.12345678`, `45,1234567`, `45-1234567`, `45..123456`, `45.123456 `, `45.123456:`, `45.12345/7`, `-180.0`, `200`, `45.1e1`, `45.`, `7.1.2`,
		`""`, `"1"`, `"bus"`, `"BUS"`, `"bu\u0073"`, `"front"`, `"x`, `"Prešov"`, "\"\xff\"", "\"\x00\"",
		`"2026-04-11T06:30:12.080Z"`, `"2026-04-11T06:30:12Z"`, `"2026-04-11T06:30:12.08Z"`, `"2026-02-30T06:30:12.080Z"`, `"1999-04-11T06:30:12.080Z"`, `"2026-04-11T08:30:12.080+02:00"`,
		`{}`, `[]`, `{"value":1,"confidence":2}`, `{"value":1}`, `{"value":1,"confidence":null}`, `{"value":null,"confidence":1}`,
		`{"confidence":2,"value":1}`, `{"value":1,"confidence":2,"value":1}`, `1,"stationId":2`, `null,"more":1`,
	}
	for name, text := range usualStations(t) {
		t.Run(name, func(t *testing.T) {
			read := 0
			for _, blank := range blanksOf(t, text) {
				for _, value := range odd {
					message := `[` + text[:blank[0]] + value + text[blank[1]:] + `]`
					if compareStations(t, message) {
						read++
					}
				}
			}
			if read == 0 {
				t.Error("none of them was read in one go")
			}
			for end := range text {
				compareStations(t, `[`+text[:end])
				compareStations(t, `[`+text[:end]+`]`)
			}
		})
	}
}

// compareStations reads an array of one station in all ways, and reports whether the station was
// read in one go.
func compareStations(t *testing.T, message string) bool {
	t.Helper()
	compareReaders(t, []byte(message), func(r *reader, c *StationCollisions) error { return intoStations(r, c) })
	var s StationCollision
	r := reader{plain: true, scan: scanner{text: []byte(message), pos: 1}}
	usual := r.usualStation(&s)
	if !usual && (r.scan.pos != 1 || s != StationCollision{}) {
		t.Fatalf("not read, and yet something was: %s", message)
	}
	return usual
}

// blanksOf returns where the values of a station stand in its text.
func blanksOf(t *testing.T, text string) (all [][2]int) {
	t.Helper()
	style := compact
	if strings.Contains(text, `": `) {
		style = spaced
	}
	pos := 0
	for i, piece := range style.station {
		start := strings.Index(text[pos:], piece)
		if start < 0 {
			t.Fatalf("%q is missing in %s", piece, text)
		}
		if i > 0 {
			all = append(all, [2]int{pos, pos + start})
		}
		pos += start + len(piece)
	}
	return all
}

// Stations in other forms, and what comes behind them, are read all the same.
func TestUnusualStations(t *testing.T) {
	want := wantCollisions()
	text := string(want.AppendJSON(nil))
	for _, tt := range []struct{ name, from, to string }{
		{"unknown key in the first", `"stations":[{`, `"stations":[{"x":1,`},
		{"unknown key in the second", `},{`, `},{"x":1,`},
		{"unknown key at the end", `}]}`, `,"x":1}]}`},
		{"line break", `,{`, ",\n{"},
		{"missing key", `"stationId":2101,"objectId":0`, `"stationId":2101`},
		{"other order", `"stationId":2101,"objectId":0`, `"objectId":0,"stationId":2101`},
		{"number with a fraction", `"stationId":2101`, `"stationId":2101.0`},
		{"code", `"passengerCar"`, `5`},
		{"one space", `"stationId":2101`, `"stationId": 2101`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message := strings.Replace(text, tt.from, tt.to, 1)
			if message == text {
				t.Fatal("nothing is unusual")
			}
			got, err := ParseStationCollisions([]byte(message))
			if err != nil {
				t.Fatal(err)
			}
			for i := range got.Stations {
				got.Stations[i].ObjectID.Valid = want.Stations[i].ObjectID.Valid // 0 and absent mean the same
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
