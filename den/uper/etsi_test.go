package uper

import (
	"os"
	"strings"
	"testing"

	"github.com/step-its/producer/den"
)

// The messages below were encoded by a codec that was generated from ETSI's ASN.1
// modules, and read back by another one.

// warning is a new DENM of release 1 with everything that a collision warning has.
func warning() *DENM {
	return &DENM{
		Header:     Header{2, 1, 4278190081},
		Management: management(4278190081, 65535),
		Situation:  &Situation{InformationQuality: 3, EventType: CauseCode{97, 2}},
		Location: &Location{
			EventSpeed:           den.Some(Speed{1389, 127}),
			EventPositionHeading: den.Some(Heading{900, 127}),
			Traces:               []PathHistory{nil},
			RoadType:             den.Some(den.UrbanNotSeparated),
		},
	}
}

func management(station den.StationID, sequenceNumber uint16) Management {
	return Management{
		ActionID:      den.ActionID{OriginatingStationID: station, SequenceNumber: sequenceNumber},
		DetectionTime: 694694405000,
		ReferenceTime: 694694405120,
		EventPosition: ReferencePosition{
			401234567, -86543210,
			PosConfidenceEllipse{den.UnavailableSemiAxisLength, den.UnavailableSemiAxisLength, den.UnavailableHeading},
			Altitude{den.UnavailableAltitude, UnavailableAltitudeConfidence},
		},
		RelevanceDistance:         den.Some[uint8](2),
		RelevanceTrafficDirection: den.Some(den.AllTrafficDirections),
		ValidityDuration:          10,
		TransmissionInterval:      den.Some[uint16](500),
		StationType:               15,
	}
}

// ending is what is left of a management container when the event ends.
func ending(t den.Termination, referenceTime TimestampIts) Management {
	m := management(4278190081, 65535)
	m.Termination, m.ReferenceTime = den.Some(t), referenceTime
	m.RelevanceDistance, m.RelevanceTrafficDirection = den.Optional[uint8]{}, den.Optional[den.TrafficDirection]{}
	m.TransmissionInterval = den.Optional[uint16]{}
	return m
}

func changed(d *DENM, change func(*DENM)) *DENM {
	change(d)
	return d
}

var handVectors = map[string]struct {
	hex  string
	denm *DENM
}{
	"new": {
		"0201ff000001c7ff800000ffff9437e06c71050df81b2004d8f438766214696ffffffe11dbba1f4000281f30f0cc204e2b6fe384fc0000",
		warning(),
	},
	"default_validity_is_left_out": {
		"0201ff000001c6ff800000ffff9437e06c71050df81b2004d8f438766214696ffffffe11dbba1f403e61e198409c56dfc709f80000",
		changed(warning(), func(d *DENM) { d.Management.ValidityDuration = 600 }),
	},
	"cancellation": {
		"0201ff000001097f800000ffff9437e06c71050df81c58826c7a1c3b310a34b7ffffff08eddd0f800283c0",
		&DENM{Header: Header{2, 1, 4278190081}, Management: ending(den.IsCancellation, 694694415120)},
	},
	"negation": {
		"02010001e240097f800000ffff9437e06e65050df81b20066c7a1c3b310a34b7ffffff08eddd0f80028140",
		changed(&DENM{Header: Header{2, 1, 123456}, Management: ending(den.IsNegation, 694694405120)}, func(d *DENM) {
			d.Management.DetectionTime, d.Management.StationType = 694694409000, 5
		}),
	},
	"shortest": {
		"02010001e240007f800000ffff9437e06e65050df81b2004d8f438766214696ffffffe11dbba1f05",
		changed(&DENM{Header: Header{2, 1, 123456}, Management: ending(0, 694694405120)}, func(d *DENM) {
			d.Management.Termination = den.Optional[den.Termination]{}
			d.Management.DetectionTime, d.Management.StationType = 694694409000, 5
			d.Management.ValidityDuration = 600
		}),
	},
	"release2": {
		"0201ff000001e7ff80000080039437e06c71050df81b2004d8f438766214696ffffffe11dbba1f4000281f30f8cc20a060783fc0000040" +
			"018615b7f1c27e0040011e5ec00800a9f3902ee7ffbfda9fff3cbefcfffff00b6400000c248fb00f00",
		changed(warning(), func(d *DENM) {
			d.Management.ActionID.SequenceNumber = 7
			d.Situation.EventType.SubCauseCode = 5
			d.Situation.LinkedDenms = []den.ActionID{{OriginatingStationID: 4278190081, SequenceNumber: 6}}
			d.Location.RoadType = den.Optional[den.RoadType]{}
			d.Alacarte = &Alacarte{PreCrash: &PreCrash{
				PerceivedPreCrashObject: PerceivedObject{
					ObjectID:             den.Some[uint16](42),
					MeasurementDeltaTime: -50,
					Position:             Position3D{X: Coordinate{1500, 4096}, Y: Coordinate{-300, 4096}},
					Velocity: den.Some(Velocity{
						Cartesian: true, X: VelocityComponent{-833, 127}, Y: VelocityComponent{0, 127},
					}),
					Classification: []ObjectClass{{Kind: KindVehicle, SubClass: 5, Confidence: 90}},
				},
				ObjectStationID:          den.Some[den.StationID](777),
				TimeToCollision:          den.Some[uint16](2300),
				ImpactSection:            den.Some(den.FaceFront),
				EstimatedBrakingDistance: den.Some[uint16](120),
			}}
		}),
	},
}

func TestHandVectors(t *testing.T) {
	for name, v := range handVectors {
		t.Run(name, func(t *testing.T) { checkCodec(t, fromHex(t, v.hex), v.denm) })
	}
}

// A sample is one line of testdata/public_samples.tsv.
type sample struct {
	name    string
	message []byte
}

func readSamples(t testing.TB) []sample {
	t.Helper()
	text, err := os.ReadFile("testdata/public_samples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	for line := range strings.Lines(string(text)) {
		if columns := strings.Split(strings.TrimSpace(line), "\t"); columns[0] != "id" {
			samples = append(samples, sample{columns[0], fromHex(t, columns[5])})
		}
	}
	return samples
}

// Messages that others have published decode, nothing in them is passed over, and
// they are written with the same bytes. One of them is of protocol version 1.
func TestPublicSamples(t *testing.T) {
	samples := readSamples(t)
	if len(samples) != 4 {
		t.Fatalf("there are %d samples", len(samples))
	}
	// What Wireshark says of them: where, what, and the length of the trace.
	want := map[string]struct {
		version             uint8
		latitude, longitude int32
		cause               CauseCode
		points              int // of all traces
	}{
		"S1_citsparser": {2, 535506976, 99360788, CauseCode{3, 0}, 40},
		"S4_instantx":   {2, -109791002, -112004003, CauseCode{14, 0}, 0},
		"S5_gcdc_v1":    {1, 599065792, 107412024, CauseCode{12, 2}, 0},
		"S6_gcdc_v2":    {2, 588236864, 62738980, CauseCode{3, 2}, 0},
	}
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			d, err := Unmarshal(s.message)
			if err != nil {
				t.Fatal(err)
			}
			checkCodec(t, s.message, d)
			if d.Skipped != 0 {
				t.Errorf("passed over: %v", d.Skipped)
			}
			points := 0
			if d.Location != nil {
				for _, trace := range d.Location.Traces {
					points += len(trace)
				}
			}
			w := want[s.name]
			p := d.Management.EventPosition
			if d.Header.ProtocolVersion != w.version || p.Latitude != w.latitude || p.Longitude != w.longitude ||
				d.Situation.EventType != w.cause || points != w.points {
				t.Errorf("version %d at %d, %d, event %v, %d points", d.Header.ProtocolVersion, p.Latitude, p.Longitude,
					d.Situation.EventType, points)
			}
		})
	}
}
