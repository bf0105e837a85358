package den

import (
	"encoding"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// anEnum lets the tests treat the enumerations alike.
type anEnum struct {
	text   func(code uint8) encoding.TextMarshaler
	parse  func(text []byte) (uint8, error)
	inJSON func(value string) (uint8, error) // as a member of a message
	names  map[uint8]string                  // the ETSI identifiers
	alias  map[string]uint8                  // other names senders use
	want   string                            // what an error says is expected
}

func enumCase[T interface {
	~uint8
	encoding.TextMarshaler
}, P interface {
	*T
	encoding.TextUnmarshaler
}](e *enum, names map[uint8]string, alias map[string]uint8, want string,
) anEnum {
	return anEnum{
		text: func(code uint8) encoding.TextMarshaler { return T(code) },
		parse: func(text []byte) (uint8, error) {
			var v T
			err := P(&v).UnmarshalText(text)
			return uint8(v), err
		},
		inJSON: func(value string) (uint8, error) {
			keys := newObject([]field[T]{{"value", required, func(r *reader, v *T) error { return intoEnum(r, v, e) }}})
			var v T
			err := read([]byte(`{"value":`+value+`}`), func(r *reader) error { return keys.read(r, &v) })
			return uint8(v), err
		},
		names: names, alias: alias, want: want,
	}
}

// Reference: ETSI TS 102 894-2, the data elements of these names.
var enumCases = map[string]anEnum{
	"Termination": enumCase[Termination](
		terminations,
		map[uint8]string{0: "isCancellation", 1: "isNegation"},
		map[string]uint8{"cancellation": 0, "negation": 1, "CANCELLATION": 0, "IS_NEGATION": 1},
		"must be one of isCancellation, isNegation",
	),
	"TrafficDirection": enumCase[TrafficDirection](
		trafficDirections,
		map[uint8]string{
			0: "allTrafficDirections",
			1: "sameAsReferenceDirection-upstreamOfReferencePosition",
			2: "sameAsReferenceDirection-downstreamOfReferencePosition",
			3: "oppositeToReferenceDirection",
		},
		map[string]uint8{
			"allTrafficDir": 0, "ALL_TRAFFIC_DIR": 0, "upstreamTraffic": 1, "DOWNSTREAM_TRAFFIC": 2, "oppositeTraffic": 3,
			"SAME_AS_REFERENCE_DIRECTION_UPSTREAM_OF_REFERENCE_POSITION": 1,
		},
		"must be one of allTrafficDirections, sameAsReferenceDirection-upstreamOfReferencePosition, "+
			"sameAsReferenceDirection-downstreamOfReferencePosition, oppositeToReferenceDirection",
	),
	"TrafficParticipantType": enumCase[TrafficParticipantType](
		participantTypes,
		map[uint8]string{
			0: "unknown", 1: "pedestrian", 2: "cyclist", 3: "moped", 4: "motorcycle", 5: "passengerCar", 6: "bus",
			7: "lightTruck", 8: "heavyTruck", 9: "trailer", 10: "specialVehicle", 11: "tram", 12: "lightVruVehicle",
			13: "animal", 14: "agricultural", 15: "roadSideUnit",
		},
		map[string]uint8{"PASSENGER_CAR": 5, "specialVehicles": 10, "ROAD_SIDE_UNIT": 15},
		"must be a traffic participant type such as passengerCar",
	),
	"ObjectFace": enumCase[ObjectFace](
		objectFaces,
		map[uint8]string{
			0: "front", 1: "sideLeftFront", 2: "sideLeftBack", 3: "sideRightFront", 4: "sideRightBack", 5: "back",
		},
		map[string]uint8{"SIDE_LEFT_FRONT": 1, "side-right-back": 4},
		"must be one of front, sideLeftFront, sideLeftBack, sideRightFront, sideRightBack, back",
	),
	"RoadType": enumCase[RoadType](
		roadTypes,
		map[uint8]string{
			0: "urban-NoStructuralSeparationToOppositeLanes", 1: "urban-WithStructuralSeparationToOppositeLanes",
			2: "nonUrban-NoStructuralSeparationToOppositeLanes", 3: "nonUrban-WithStructuralSeparationToOppositeLanes",
		},
		map[string]uint8{
			"urbanNoStructSepToOppositeLanes": 0, "URBAN_NO_STRUCT_SEP_TO_OPPOSITE_LANES": 0,
			"urbanWithStructSepToOppositeLanes": 1, "nonUrbanNoStructSepToOppositeLanes": 2,
			"NON_URBAN_WITH_STRUCT_SEP_TO_OPPOSITE_LANES": 3,
		},
		"must be one of urban-NoStructuralSeparationToOppositeLanes, urban-WithStructuralSeparationToOppositeLanes, "+
			"nonUrban-NoStructuralSeparationToOppositeLanes, nonUrban-WithStructuralSeparationToOppositeLanes",
	),
	"CauseCode": enumCase[CauseCode](
		causeCodes,
		map[uint8]string{
			1: "trafficCondition", 2: "accident", 3: "roadworks", 5: "impassability",
			6: "adverseWeatherCondition-Adhesion", 7: "aquaplaning", 9: "hazardousLocation-SurfaceCondition",
			10: "hazardousLocation-ObstacleOnTheRoad", 11: "hazardousLocation-AnimalOnTheRoad",
			12: "humanPresenceOnTheRoad", 14: "wrongWayDriving", 15: "rescueAndRecoveryWorkInProgress",
			17: "adverseWeatherCondition-ExtremeWeatherCondition", 18: "adverseWeatherCondition-Visibility",
			19: "adverseWeatherCondition-Precipitation", 20: "violence", 26: "slowVehicle", 27: "dangerousEndOfQueue",
			28: "publicTransportVehicleApproaching", 91: "vehicleBreakdown", 92: "postCrash", 93: "humanProblem",
			94: "stationaryVehicle", 95: "emergencyVehicleApproaching", 96: "hazardousLocation-DangerousCurve",
			97: "collisionRisk", 98: "signalViolation", 99: "dangerousSituation", 100: "railwayLevelCrossing",
		},
		map[string]uint8{"SLOW_VEHICLE": 26, "COLLISION_RISK": 97, "aquaplannning": 7},
		"must be a cause code such as humanPresenceOnTheRoad",
	),
}

func TestEnumWritesETSIName(t *testing.T) {
	for name, e := range enumCases {
		t.Run(name, func(t *testing.T) {
			for code := range 256 {
				want, known := e.names[uint8(code)]
				v := e.text(uint8(code))
				text, err := v.MarshalText()
				if known != (err == nil) || string(text) != want {
					t.Errorf("%d is written as %q, %v, want %q", code, text, err, want)
				}
				if s := v.(interface{ String() string }).String(); known && s != want || !known && !strings.HasSuffix(s, "("+strconv.Itoa(code)+")") {
					t.Errorf("String of %d is %q", code, s)
				}
			}
		})
	}
}

func TestEnumReadsEverySpelling(t *testing.T) {
	for name, e := range enumCases {
		t.Run(name, func(t *testing.T) {
			for code, etsi := range e.names {
				number := strconv.Itoa(int(code))
				for _, spelling := range []string{
					etsi, camelCase(etsi), pythonConstant(etsi), strings.ToUpper(etsi), strings.ToLower(etsi),
					etsi + number, number, number + ".0",
				} {
					e.reads(t, spelling, code)
				}
				if got, err := e.inJSON(number); err != nil || got != code {
					t.Errorf("the JSON number %s is read as %d, %v", number, got, err)
				}
			}
			for spelling, code := range e.alias {
				e.reads(t, spelling, code)
			}
		})
	}
}

func (e anEnum) reads(t *testing.T, spelling string, code uint8) {
	t.Helper()
	if got, err := e.parse([]byte(spelling)); err != nil || got != code {
		t.Errorf("%s is read as %d, %v, want %d", spelling, got, err, code)
	}
	if got, err := e.inJSON(strconv.Quote(spelling)); err != nil || got != code {
		t.Errorf("the JSON string %s is read as %d, %v, want %d", spelling, got, err, code)
	}
}

func TestEnumRefuses(t *testing.T) {
	for name, e := range enumCases {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{
				"", "-", "_", "--", "+0", "x", "200", "256", "-1", "0.5", "1e99", "nan", "inf", "true", " 0", "0x0", "0x1p0",
				"front99", "isNegation0", "slowVehicle27", "slowVehicle99999999999999999999", strings.Repeat("a", 100),
			} {
				found := text
				if len(found) > 40 {
					found = found[:40] + "..."
				}
				_, err := e.parse([]byte(text))
				if want := "den: " + e.want + " but is " + strconv.Quote(found); err == nil || err.Error() != want {
					t.Errorf("%q: %v\nwant %s", text, err, want)
				}
				_, err = e.inJSON(strconv.Quote(text))
				if want := "value: " + e.want + " but is " + strconv.Quote(found); err == nil || err.Error() != want {
					t.Errorf("%q in JSON: %v\nwant %s", text, err, want)
				}
			}
			for value, found := range map[string]string{
				"true": "true", "200": "200", "-1": "-1", "0.5": "0.5", "1e400": "1e400", "{}": "an object", "[0]": "an array",
			} {
				_, err := e.inJSON(value)
				if want := "value: " + e.want + " but is " + found; err == nil || err.Error() != want {
					t.Errorf("%s in JSON: %v\nwant %s", value, err, want)
				}
			}
			if _, err := e.inJSON("null"); err == nil || err.Error() != "value: missing" {
				t.Errorf("null in JSON: %v", err)
			}
		})
	}
}

// Embedders hold these types in their own structs, written by any JSON package.
func TestEnumInEncodingJSON(t *testing.T) {
	type message struct {
		Cause CauseCode
		Type  TrafficParticipantType
	}
	text, err := json.Marshal(message{CauseCollisionRisk, TypeTram})
	if want := `{"Cause":"collisionRisk","Type":"tram"}`; err != nil || string(text) != want {
		t.Fatalf("got %s, %v, want %s", text, err, want)
	}
	var read message
	if err := json.Unmarshal(text, &read); err != nil || read != (message{CauseCollisionRisk, TypeTram}) {
		t.Fatalf("got %v, %v", read, err)
	}
	if _, err := json.Marshal(CauseCode(4)); err == nil || !strings.Contains(err.Error(), "den: there is no cause code 4") {
		t.Errorf("a reserved code: %v", err)
	}
}

// camelCase and pythonConstant spell an ETSI identifier as a Python program
// would: urban-NoStructural… becomes urbanNoStructural…, or URBAN_NO_STRUCTURAL….
func camelCase(etsi string) string {
	var b strings.Builder
	for i, part := range strings.Split(etsi, "-") {
		if i > 0 {
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		b.WriteString(part)
	}
	return b.String()
}

func pythonConstant(etsi string) string {
	var b strings.Builder
	for i, c := range camelCase(etsi) {
		if i > 0 && 'A' <= c && c <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return strings.ToUpper(b.String())
}

// Whatever a station or an event is, its name is found in one step.
func TestNamesAreUsual(t *testing.T) {
	for _, e := range []*enum{participantTypes, trafficDirections, causeCodes, roadTypes, objectFaces, terminations} {
		for code, name := range e.names {
			if found, ok := e.parseUsual([]byte(name)); name != "" && (!ok || int(found) != code) {
				t.Errorf("%s %q is found as %d, %t; want %d", e.kind, name, found, ok, code)
			}
		}
	}
}
