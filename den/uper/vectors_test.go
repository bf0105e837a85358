package uper

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
)

// A vector is one line of testdata/vectors_r1.jsonl.
type vector struct {
	Header     Header `json:"header"`
	Management struct {
		OriginatingStationID      den.StationID `json:"originatingStationID"`
		SequenceNumber            uint16        `json:"sequenceNumber"`
		DetectionTime             TimestampIts
		ReferenceTime             TimestampIts
		Termination               *uint8
		Latitude, Longitude       int32
		SemiMajorConfidence       uint16
		SemiMinorConfidence       uint16
		SemiMajorOrientation      uint16
		AltitudeValue             int32
		AltitudeConfidence        uint8
		RelevanceDistance         *uint8
		RelevanceTrafficDirection *uint8
		ValidityDuration          uint32
		TransmissionInterval      *uint16
		StationType               uint8
	}
	Situation *struct {
		InformationQuality      uint8
		CauseCode, SubCauseCode uint8
		LinkedCause             *[2]uint8
		EventHistory            []struct {
			vectorDelta
			EventDeltaTime     *uint32
			InformationQuality uint8
		}
	}
	Location *struct {
		EventSpeed, EventPositionHeading *[2]uint16
		Traces                           [][]struct {
			vectorDelta
			PathDeltaTime *uint32
		}
		RoadType *uint8
	}
	Alacarte *struct {
		LanePosition        *int8
		ExternalTemperature *int8
		PositioningSolution *uint8
	}
	Hex  string `json:"uper_hex"`
	Bits int    `json:"uper_bits"`
}

type vectorDelta struct {
	DeltaLatitude, DeltaLongitude int32
	DeltaAltitude                 int16
}

func optional[T any](p *T) den.Optional[T] {
	if p == nil {
		return den.Optional[T]{}
	}
	return den.Some(*p)
}

// as converts an optional number: the terminations and directions of the file are
// plain numbers, because their types read names.
func as[T ~uint8](p *uint8) den.Optional[T] {
	if p == nil {
		return den.Optional[T]{}
	}
	return den.Some(T(*p))
}

func (v *vector) denm() *DENM {
	m := &v.Management
	d := &DENM{Header: v.Header, Management: Management{
		ActionID:      den.ActionID{OriginatingStationID: m.OriginatingStationID, SequenceNumber: m.SequenceNumber},
		DetectionTime: m.DetectionTime,
		ReferenceTime: m.ReferenceTime,
		Termination:   as[den.Termination](m.Termination),
		EventPosition: ReferencePosition{
			m.Latitude, m.Longitude,
			PosConfidenceEllipse{m.SemiMajorConfidence, m.SemiMinorConfidence, m.SemiMajorOrientation},
			Altitude{m.AltitudeValue, m.AltitudeConfidence},
		},
		RelevanceDistance:         optional(m.RelevanceDistance),
		RelevanceTrafficDirection: as[den.TrafficDirection](m.RelevanceTrafficDirection),
		ValidityDuration:          m.ValidityDuration,
		TransmissionInterval:      optional(m.TransmissionInterval),
		StationType:               m.StationType,
	}}
	if s := v.Situation; s != nil {
		d.Situation = &Situation{InformationQuality: s.InformationQuality, EventType: CauseCode{s.CauseCode, s.SubCauseCode}}
		if l := s.LinkedCause; l != nil {
			d.Situation.LinkedCause = den.Some(CauseCode{l[0], l[1]})
		}
		for _, p := range s.EventHistory {
			d.Situation.EventHistory = append(d.Situation.EventHistory, EventPoint{
				DeltaReferencePosition(p.vectorDelta), optional(p.EventDeltaTime), p.InformationQuality,
			})
		}
	}
	if l := v.Location; l != nil {
		d.Location = &Location{RoadType: as[den.RoadType](l.RoadType)}
		if s := l.EventSpeed; s != nil {
			d.Location.EventSpeed = den.Some(Speed{s[0], uint8(s[1])})
		}
		if h := l.EventPositionHeading; h != nil {
			d.Location.EventPositionHeading = den.Some(Heading{h[0], uint8(h[1])})
		}
		for _, t := range l.Traces {
			var path PathHistory
			for _, p := range t {
				path = append(path, PathPoint{DeltaReferencePosition(p.vectorDelta), optional(p.PathDeltaTime)})
			}
			d.Location.Traces = append(d.Location.Traces, path)
		}
	}
	if a := v.Alacarte; a != nil {
		d.Alacarte = &Alacarte{
			LanePosition:        optional(a.LanePosition),
			ExternalTemperature: optional(a.ExternalTemperature),
			PositioningSolution: optional(a.PositioningSolution),
		}
	}
	return d
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors_r1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var v vector
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		if err := decoder.Decode(&v); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	if len(vectors) != 150 {
		t.Fatalf("there are %d vectors, want 150", len(vectors))
	}
	return vectors
}

func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkCodec reports whether message and d are the same thing, in both
// directions.
func checkCodec(t *testing.T, message []byte, d *DENM) {
	t.Helper()
	got, err := Unmarshal(message)
	if err != nil {
		t.Errorf("Unmarshal: %v", err)
	} else if diff := cmp.Diff(d, got); diff != "" {
		t.Errorf("Unmarshal (-want +got)\n%s", diff)
	}
	written, err := Marshal(d)
	if err != nil {
		t.Errorf("Marshal: %v", err)
	} else if !bytes.Equal(written, message) {
		t.Errorf("Marshal\n%x, want\n%x", written, message)
	}
}

func TestVectors(t *testing.T) {
	for i, v := range readVectors(t) {
		message := fromHex(t, v.Hex)
		if len(message) != (v.Bits+7)/8 {
			t.Fatalf("vector %d has %d bytes and %d bits", i, len(message), v.Bits)
		}
		checkCodec(t, message, v.denm())
		if t.Failed() {
			t.Fatalf("in vector %d", i)
		}
	}
}
