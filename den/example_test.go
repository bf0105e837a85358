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

func ExampleEncoder() {
	var encoder den.Encoder
	for range 2 { // batches
		encoder.Reset() // what it returned before is written over from now on
		var batch [][]byte
		for number := range uint16(2) {
			denm := &den.DENM{StationID: 3100007}
			denm.Management.ActionID = den.ActionID{OriginatingStationID: 3100007, SequenceNumber: number}
			denm.Management.DetectionTime, denm.Management.ReferenceTime = 1775889012160, 1775889012180
			batch = append(batch, encoder.Append(&den.Event{Source: "rsu_7", DENM: denm}))
		}
		for _, text := range batch {
			event, err := den.ParseEvent(text)
			fmt.Println(event.DENM.Management.ActionID, err)
		}
	}
	// Output:
	// 3100007/0 <nil>
	// 3100007/1 <nil>
	// 3100007/0 <nil>
	// 3100007/1 <nil>
}

func ExampleOptional() {
	var denm den.DENM
	fmt.Println(denm.PreCrash.Valid, denm.PreCrash.Value.TimeToCollision) // neither is there
	denm.PreCrash = den.Some(den.PreCrash{TimeToCollision: den.Some[uint16](2400)})
	if ttc, ok := denm.PreCrash.Value.TimeToCollision.Get(); ok {
		fmt.Println(ttc, "ms")
	}
	denm.PreCrash = den.Optional[den.PreCrash]{} // taken away
	fmt.Println(denm == den.DENM{})
	// Output:
	// false null
	// 2400 ms
	// true
}
