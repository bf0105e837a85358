package den

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const negation = `{
  "stationId": 2102,
  "managementContainer": {
    "actionId": { "originatingStationId": 3100007, "sequenceNumber": 41 },
    "detectionTime": "2026-04-11T06:30:12.160Z",
    "referenceTime": "2026-04-11T06:30:13.900Z",
    "termination": "isNegation",
    "eventPosition": {
      "latitude": 44.4948876, "longitude": 11.342616,
      "positionConfidence": { "semiMajorAxisLengthConfidence": 4095, "semiMinorAxisLengthConfidence": 4095, "semiMajorAxisOrientation": 3601 },
      "altitude": { "value": 800001, "confidence": null }
    },
    "awarenessDistance": 199,
    "trafficDirection": "allTrafficDirections",
    "validityDuration": 6,
    "transmissionInterval": null,
    "stationType": "passengerCar",
    "referenceStationId": 2101,
    "referenceObjectId": 0
  },
  "situationContainer": null,
  "locationContainer": null,
  "preCrashContainer": null
}`

// wantNegation is what is left of the negation when only its end can be read.
func wantNegation() *DENM {
	return &DENM{
		StationID: 2102,
		Management: Management{
			ActionID:      ActionID{3100007, 41},
			DetectionTime: at("2026-04-11T06:30:12.160Z"),
			ReferenceTime: at("2026-04-11T06:30:13.900Z"),
			Termination:   Some(IsNegation),
		},
	}
}

func TestNegationDecodes(t *testing.T) {
	ev, err := ParseEvent(event(SchemaDENM, []byte(negation)))
	if err != nil {
		t.Fatal(err)
	}
	want := wantNegation()
	want.Management.EventPosition = PositionAt(0, 0)
	want.Management.EventPosition.Latitude, want.Management.EventPosition.Longitude = 444948876, 113426160
	want.Management.AwarenessDistance = Some[uint32](199)
	want.Management.TrafficDirection = Some(AllTrafficDirections)
	want.Management.ValidityDuration = Some[uint32](6)
	want.Management.StationType = TypePassengerCar
	want.Management.ReferenceStationID = Some[StationID](2101)
	want.Management.ReferenceObjectID = Some[ObjectID](0)
	if diff := cmp.Diff(want, ev.DENM); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A negation must not be lost: whatever is wrong with any other field, the event
// that it ends is known.
func TestNegationWithAnyOtherFieldWrong(t *testing.T) {
	needed := map[string]bool{
		"/managementContainer": true, "/managementContainer/actionId": true, "/managementContainer/termination": true,
	}
	for _, pointer := range []string{
		"/stationId",
		"/managementContainer/detectionTime",
		"/managementContainer/referenceTime",
		"/managementContainer/eventPosition",
		"/managementContainer/eventPosition/latitude",
		"/managementContainer/eventPosition/longitude",
		"/managementContainer/eventPosition/positionConfidence",
		"/managementContainer/eventPosition/positionConfidence/semiMajorAxisLengthConfidence",
		"/managementContainer/eventPosition/positionConfidence/semiMinorAxisLengthConfidence",
		"/managementContainer/eventPosition/positionConfidence/semiMajorAxisOrientation",
		"/managementContainer/eventPosition/altitude",
		"/managementContainer/eventPosition/altitude/value",
		"/managementContainer/eventPosition/altitude/confidence",
		"/managementContainer/awarenessDistance",
		"/managementContainer/trafficDirection",
		"/managementContainer/validityDuration",
		"/managementContainer/transmissionInterval",
		"/managementContainer/stationType",
		"/managementContainer/referenceStationId",
		"/managementContainer/referenceObjectId",
		"/situationContainer",
		"/locationContainer",
		"/preCrashContainer",
	} {
		if needed[pointer] {
			t.Fatalf("%s is needed", pointer)
		}
		name := pointer[strings.LastIndexByte(pointer, '/')+1:]
		for how, members := range map[string]string{
			"missing": "",
			"null":    `"` + name + `":null`,
			"text":    `"` + name + `":"wrong"`,
			"empty":   `"` + name + `":""`,
			"below":   `"` + name + `":-9999999999`,
			"above":   `"` + name + `":99999999999`,
			"huge":    `"` + name + `":1e400`,
			"boolean": `"` + name + `":true`,
			"array":   `"` + name + `":[[{}]]`,
			"object":  `"` + name + `":{"value":{},"eventType":0.5}`,
		} {
			t.Run(strings.ReplaceAll(pointer[1:], "/", ".")+"_"+how, func(t *testing.T) {
				ev, err := ParseEvent(event(SchemaDENM, edit(t, []byte(negation), pointer, members)))
				if err != nil {
					t.Fatal(err)
				}
				if !ev.DENM.Is(IsNegation) || ev.DENM.Management.ActionID != (ActionID{3100007, 41}) {
					t.Errorf("got %+v", *ev.DENM)
				}
			})
		}
	}
}

func TestTerminationKeepsWhatIsReadable(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       *DENM
	}{
		{"all", negation, wantNegation()},
		{"least", `{"managementContainer":{"termination":1,"actionId":{"sequenceNumber":41,"originatingStationId":3100007}}}`, &DENM{
			Management: Management{ActionID: ActionID{3100007, 41}, Termination: Some(IsNegation)},
		}},
		{"cancellation", `{"stationId":3100007,"managementContainer":{"actionId":{"originatingStationId":3100007,"sequenceNumber":0},` +
			`"termination":"CANCELLATION","referenceTime":"2026-04-11T08:30:13.9+02:00","detectionTime":7}}`, &DENM{
			StationID: 3100007,
			Management: Management{
				ActionID:      ActionID{3100007, 0},
				ReferenceTime: at("2026-04-11T06:30:13.900Z"),
				Termination:   Some(IsCancellation),
			},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseTermination([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestTerminationRefuses(t *testing.T) {
	for _, tt := range []struct{ name, pointer, members, want string }{
		{"no_container", "/managementContainer", "", "managementContainer: missing"},
		{"null_container", "/managementContainer", `"managementContainer":null`, "managementContainer: missing"},
		{"text_container", "/managementContainer", `"managementContainer":"x"`, `managementContainer: must be an object but is "x"`},
		{"no_action", "/managementContainer/actionId", "", "managementContainer.actionId: missing"},
		{"no_station", "/managementContainer/actionId/originatingStationId", "", "managementContainer.actionId.originatingStationId: missing"},
		{"no_sequence_number", "/managementContainer/actionId/sequenceNumber", "", "managementContainer.actionId.sequenceNumber: missing"},
		{"sequence_number_above", "/managementContainer/actionId/sequenceNumber", `"sequenceNumber":65536`, "managementContainer.actionId.sequenceNumber: must be a whole number 0..65535 but is 65536"},
		{"no_termination", "/managementContainer/termination", "", "managementContainer.termination: missing"},
		{"null_termination", "/managementContainer/termination", `"termination":null`, "managementContainer.termination: missing"},
		{"unknown_termination", "/managementContainer/termination", `"termination":"isOver"`, `managementContainer.termination: must be one of isCancellation, isNegation but is "isOver"`},
		{"termination_dash", "/managementContainer/termination", `"termination":"-"`, `managementContainer.termination: must be one of isCancellation, isNegation but is "-"`},
		{"termination_code_2", "/managementContainer/termination", `"termination":2`, "managementContainer.termination: must be one of isCancellation, isNegation but is 2"},
		{"twice", "/stationId", `"stationId":1,"stationId":1`, `stationId: invalid JSON at byte 18: duplicate object member name`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := ParseTermination(edit(t, []byte(negation), tt.pointer, tt.members))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %+v, %v\nwant %s", d, err, tt.want)
			}
		})
	}
}
