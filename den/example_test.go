package den_test

import (
	"fmt"

	"github.com/step-its/producer/den"
)

func ExampleParseEvent() {
	event, err := den.ParseEvent([]byte(`{
		"specversion": "1.0",
		"id": "6a1d8a0e-9f6b-4c3e-8a44-2f5f1d9d4c10",
		"source": "step_client",
		"type": "step.denm.v1",
		"dataschema": "DenmDataV1",
		"data": {
			"stationId": 2102,
			"managementContainer": {
				"actionId": {"originatingStationId": 3100007, "sequenceNumber": 41},
				"termination": "isNegation"
			}
		}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("from", event.Source)
	fmt.Println("station", event.DENM.StationID, "negates", event.DENM.Management.ActionID)
	fmt.Println(event.DENM.Is(den.IsNegation))
	// Output:
	// from step_client
	// station 2102 negates 3100007/41
	// true
}

func ExampleParseEvent_error() {
	_, err := den.ParseEvent([]byte(`{
		"dataschema": "StationCollisionArrayV1",
		"data": {"detectionTime": "2026-04-11T06:30:12.160Z", "stations": [{"stationId": 4294967296}]}
	}`))
	fmt.Println(err)
	// Output:
	// data.stations[0].stationId: must be a whole number 0..4294967295 but is 4294967296
}

func ExampleTimestamp_ITS() {
	var t den.Timestamp
	if err := t.UnmarshalText([]byte("2007-01-01T00:00:00Z")); err != nil {
		fmt.Println(err)
		return
	}
	its, err := t.ITS() // one leap second came between 2004 and 2007
	fmt.Println(t, its, err)
	// Output:
	// 2007-01-01T00:00:00.000Z 94694401000 <nil>
}
