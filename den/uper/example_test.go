package uper_test

import (
	"encoding/hex"
	"fmt"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/uper"
)

func ExampleMarshal() {
	message, err := uper.Marshal(&uper.DENM{
		Header: uper.Header{StationID: 4278190081},
		Management: uper.Management{
			ActionID:      den.ActionID{OriginatingStationID: 4278190081, SequenceNumber: 17},
			DetectionTime: 694694405000, // 2026-01-05T10:40:00Z
			ReferenceTime: 694694405120,
			EventPosition: uper.ReferencePosition{
				Latitude:                  450713906, // 45.0713906 degrees
				Longitude:                 76838375,
				PositionConfidenceEllipse: uper.PosConfidenceEllipse{4095, 4095, 3601},
				Altitude:                  uper.Altitude{800001, uper.UnavailableAltitudeConfidence},
			},
			ValidityDuration: 5, // s
			StationType:      15,
		},
		Situation: &uper.Situation{EventType: uper.CauseCode{97, uper.CollisionCrossing}},
		Location: &uper.Location{
			EventSpeed: den.Some(uper.Speed{SpeedValue: 1389, SpeedConfidence: 30}), // 13.89 m/s
			Traces:     []uper.PathHistory{nil},                                     // there must be one
		},
	})
	fmt.Println(len(message), "bytes", err)

	_, err = uper.Marshal(&uper.DENM{Management: uper.Management{ValidityDuration: 90000}})
	fmt.Println(err)
	// Output:
	// 50 bytes <nil>
	// uper: management.validityDuration: 90000 is not in 0..86400 (ValidityDuration, TS 102 894-2 V1.3.1 annex A)
}

func ExampleUnmarshal() {
	bytes, _ := hex.DecodeString("0201ff000001c7ff800000ffff9437e06c71050df81b2004d8f438766214696ffffffe11dbba1f40" +
		"00281f30f0cc204e2b6fe384fc0000")
	d, err := uper.Unmarshal(bytes)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("event", d.Management.ActionID, "of kind", d.Situation.EventType.CauseCode)
	fmt.Println("at", d.Management.EventPosition.Latitude, d.Management.EventPosition.Longitude)
	fmt.Println("for", d.Management.ValidityDuration, "s from", d.Management.DetectionTime)

	_, err = uper.Unmarshal(bytes[:30])
	fmt.Println(err)
	// Output:
	// event 4278190081/65535 of kind 97
	// at 401234567 -86543210
	// for 10 s from 694694405000
	// uper: management.eventPosition.longitude: the message ends here (bit 220)
}

// A car that goes north and another one that comes from the left, 40 m ahead: the
// DENM of the service becomes a message of release 2.
func ExampleFromDENM() {
	d := &den.DENM{
		StationID: 3100007,
		Management: den.Management{
			ActionID:          den.ActionID{OriginatingStationID: 3100007, SequenceNumber: 41},
			DetectionTime:     1767609600000,
			ReferenceTime:     1767609600120,
			EventPosition:     den.PositionAt(450713906, 76838375),
			AwarenessDistance: den.Some[uint32](199),
			ValidityDuration:  den.Some[uint32](5),
			StationType:       den.TypeRoadSideUnit,
		},
		Situation: den.Some(den.Situation{EventType: den.CauseCollisionRisk}),
		Location:  den.Some(den.Location{EventPositionHeading: den.Some(den.Heading{Value: 0})}),
		PreCrash: den.Some(den.PreCrash{
			PerceivedObject: den.PerceivedObject{
				Position: den.PositionAt(450717505, 76836468),
				Speed:    den.Some(den.Speed{Value: 1250}),
				Heading:  den.Some(den.Heading{Value: 900}),
			},
			TimeToCollision: den.Some[uint16](1200),
		}),
	}
	message, err := uper.FromDENM(d, uper.Profile{Release: uper.R2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("detected at", message.Management.DetectionTime)
	fmt.Println("distance class", message.Management.RelevanceDistance)
	fmt.Println("crossing:", message.Situation.EventType.SubCauseCode == uper.CollisionCrossing)
	object := message.Alacarte.PreCrash.PerceivedPreCrashObject
	fmt.Println("east", object.Position.X.Value, "cm, north", object.Position.Y.Value, "cm")

	bytes, err := uper.Marshal(message)
	fmt.Println(len(bytes), "bytes", err)
	// Output:
	// detected at 694694405000
	// distance class 2
	// crossing: true
	// east -1502 cm, north 4000 cm
	// 72 bytes <nil>
}

// Stations that count no leap seconds see the same instant as another number.
func ExampleProfile() {
	d := &den.DENM{Management: den.Management{
		DetectionTime: 1767609600000, // 2026-01-05T10:40:00Z
		ReferenceTime: 1767609600000,
		Termination:   den.Some(den.IsCancellation),
	}}
	for _, p := range []uper.Profile{{}, {WithoutLeapSeconds: true}} {
		message, err := uper.FromDENM(d, p)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(message.Management.DetectionTime)
	}
	// Output:
	// 694694405000
	// 694694400000
}
