package uper

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
)

// A dice makes random DENMs with everything that can be in them. The ranges are
// written out once more, so that they are not taken from the code that is tested.
type dice struct {
	*rand.Rand
	version1 bool
	judged   bool // without what Wireshark reads wrong
	beyond   int  // how many elements more than ETSI asks for a list that may grow has
}

func newDice(seed uint64) *dice {
	return &dice{Rand: rand.New(rand.NewPCG(seed, 7)), beyond: 20}
}

// between returns a number of a range, the ends more often than others.
func between[T integer](g *dice, least, most int64) T {
	switch g.IntN(8) {
	case 0:
		return T(least)
	case 1:
		return T(most)
	}
	return T(least + g.Int64N(most-least+1))
}

func (g *dice) yes() bool { return g.IntN(2) == 0 }

func maybe[T any](g *dice, v T) den.Optional[T] {
	if g.yes() {
		return den.Some(v)
	}
	return den.Optional[T]{}
}

func maybePointer[T any](g *dice, v T) *T {
	if g.yes() {
		return &v
	}
	return nil
}

// several returns least..most elements, or nothing where optional says so.
func several[T any](g *dice, optional bool, least, most int, each func() T) []T {
	if optional && g.yes() {
		return nil
	}
	n := between[uint32](g, int64(least), int64(most))
	if g.IntN(3) > 0 {
		n = min(n, uint32(least)+2)
	}
	list := []T(nil)
	for range n {
		list = append(list, each())
	}
	return list
}

func (g *dice) text(characters string, least, most int64) string {
	text := make([]byte, between[uint8](g, least, most))
	for i := range text {
		text[i] = characters[g.IntN(len(characters))]
	}
	return string(text)
}

func (g *dice) denm() *DENM {
	d := &DENM{Header: Header{2, 1, between[den.StationID](g, 0, 4294967295)}}
	if g.version1 {
		d.Header.ProtocolVersion = 1
	}
	d.Management = Management{
		ActionID:                  g.actionID(),
		DetectionTime:             between[TimestampIts](g, 0, 4398046511103),
		ReferenceTime:             between[TimestampIts](g, 0, 4398046511103),
		Termination:               maybe(g, between[den.Termination](g, 0, 1)),
		EventPosition:             g.position(),
		RelevanceDistance:         maybe(g, between[uint8](g, 0, 7)),
		RelevanceTrafficDirection: maybe(g, between[den.TrafficDirection](g, 0, 3)),
		ValidityDuration:          between[uint32](g, 0, 86400),
		TransmissionInterval:      maybe(g, between[uint16](g, 1, 10000)),
		StationType:               between[uint8](g, 0, 255),
	}
	if g.IntN(4) == 0 {
		d.Management.ValidityDuration = 600
	}
	if g.IntN(4) > 0 {
		d.Situation = g.situation()
	}
	if g.IntN(4) > 0 {
		d.Location = g.location()
	}
	if g.IntN(4) > 0 {
		d.Alacarte = g.alacarte()
	}
	return d
}

func (g *dice) actionID() den.ActionID {
	return den.ActionID{
		OriginatingStationID: between[den.StationID](g, 0, 4294967295),
		SequenceNumber:       between[uint16](g, 0, 65535),
	}
}

func (g *dice) position() ReferencePosition {
	return ReferencePosition{
		between[int32](g, -900000000, 900000001), between[int32](g, -1800000000, 1800000001),
		PosConfidenceEllipse{between[uint16](g, 0, 4095), between[uint16](g, 0, 4095), between[uint16](g, 0, 3601)},
		Altitude{between[int32](g, -100000, 800001), between[uint8](g, 0, 15)},
	}
}

func (g *dice) delta() DeltaReferencePosition {
	return DeltaReferencePosition{
		between[int32](g, -131071, 131072), between[int32](g, -131071, 131072), between[int16](g, -12700, 12800),
	}
}

func (g *dice) deltaTime() den.Optional[uint32] {
	if g.IntN(6) == 0 {
		bits := 17 + g.IntN(16)
		if g.judged {
			bits = min(bits, 31)
		}
		return den.Some(between[uint32](g, 65536, 1<<bits-1))
	}
	return maybe(g, between[uint32](g, 1, 65535))
}

func (g *dice) cause() CauseCode {
	return CauseCode{between[uint8](g, 0, 255), between[uint8](g, 0, 255)}
}

func (g *dice) speed() Speed { return Speed{between[uint16](g, 0, 16383), between[uint8](g, 1, 127)} }

func (g *dice) situation() *Situation {
	return &Situation{
		InformationQuality: between[uint8](g, 0, 7),
		EventType:          g.cause(),
		LinkedCause:        maybe(g, g.cause()),
		EventHistory: several(g, true, 1, 23, func() EventPoint {
			return EventPoint{g.delta(), g.deltaTime(), between[uint8](g, 0, 7)}
		}),
		LinkedDenms: several(g, true, 1, 8+g.beyond, g.actionID),
		EventEnd:    maybe(g, between[int16](g, -8190, 8191)),
	}
}

func (g *dice) location() *Location {
	return &Location{
		EventSpeed:           maybe(g, g.speed()),
		EventPositionHeading: maybe(g, Heading{between[uint16](g, 0, 3601), between[uint8](g, 1, 127)}),
		Traces: several(g, false, 1, 7, func() PathHistory {
			return several(g, false, 0, 40, func() PathPoint { return PathPoint{g.delta(), g.deltaTime()} })
		}),
		RoadType: maybe(g, between[den.RoadType](g, 0, 3)),
	}
}

func (g *dice) alacarte() *Alacarte {
	a := &Alacarte{
		LanePosition: maybe(g, between[int8](g, -1, 14)),
		ImpactReduction: maybePointer(g, ImpactReduction{
			HeightLonCarrLeft:         between[uint8](g, 1, 100),
			HeightLonCarrRight:        between[uint8](g, 1, 100),
			PosLonCarrLeft:            between[uint8](g, 1, 127),
			PosLonCarrRight:           between[uint8](g, 1, 127),
			PositionOfPillars:         several(g, false, 1, 3+g.beyond, func() byte { return between[byte](g, 1, 30) }),
			PosCentMass:               between[uint8](g, 1, 63),
			WheelBaseVehicle:          between[uint8](g, 1, 127),
			TurningRadius:             between[uint8](g, 1, 255),
			PosFrontAx:                between[uint8](g, 1, 20),
			PositionOfOccupants:       between[PositionOfOccupants](g, 0, 1<<20-1),
			VehicleMass:               between[uint16](g, 1, 1024),
			RequestResponseIndication: between[uint8](g, 0, 1),
		}),
		ExternalTemperature: maybe(g, between[int8](g, -60, 67)),
		PositioningSolution: maybe(g, between[uint8](g, 0, 5)),
	}
	if g.yes() {
		a.RoadWorks = g.roadWorks()
	}
	if g.yes() {
		a.StationaryVehicle = g.stationaryVehicle()
	}
	if g.yes() {
		a.PreCrash = g.preCrash()
	}
	return a
}

func (g *dice) roadWorks() *RoadWorks {
	r := &RoadWorks{
		LightBarSirenInUse:      maybe(g, between[LightBarSirenInUse](g, 0, 3)),
		ClosedLanes:             maybePointer(g, g.closedLanes()),
		Restriction:             several(g, true, 1, 3+g.beyond, func() byte { return between[byte](g, 0, 255) }),
		SpeedLimit:              maybe(g, between[uint8](g, 1, 255)),
		IncidentIndication:      maybe(g, g.cause()),
		RecommendedPath:         several(g, true, 1, 40, g.position),
		StartingPointSpeedLimit: maybe(g, g.delta()),
		TrafficFlowRule:         maybe(g, between[uint8](g, 0, 3)),
		ReferenceDenms:          several(g, true, 1, 8+g.beyond, g.actionID),
	}
	return r
}

func (g *dice) closedLanes() ClosedLanes {
	most := int64(13)
	if g.version1 {
		most = 14
	}
	lanes := between[uint8](g, 1, most)
	l := ClosedLanes{
		InnerHardShoulderStatus: maybe(g, between[uint8](g, 0, 2)),
		OuterHardShoulderStatus: maybe(g, between[uint8](g, 0, 2)),
		DrivingLaneStatus:       maybe(g, DrivingLaneStatus{lanes, between[uint16](g, 0, 1<<lanes-1)}),
	}
	if g.version1 {
		l.OuterHardShoulderStatus = den.Optional[uint8]{}
		l.DrivingLaneStatus = den.Some(DrivingLaneStatus{lanes, between[uint16](g, 0, 1<<lanes-1)})
	}
	return l
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func (g *dice) stationaryVehicle() *StationaryVehicle {
	phone := g.text("0123456789", 1, 16)
	if g.version1 {
		phone = g.text(letters, 1, 24)
	}
	company := maybe(g, g.text(letters, 1, 24))
	if g.judged {
		company = den.Optional[string]{}
	}
	return &StationaryVehicle{
		StationarySince: maybe(g, between[uint8](g, 0, 3)),
		StationaryCause: maybe(g, g.cause()),
		CarryingDangerousGoods: maybePointer(g, DangerousGoods{
			DangerousGoodsType:  between[uint8](g, 0, 19),
			UNNumber:            between[uint16](g, 0, 9999),
			ElevatedTemperature: g.yes(),
			TunnelsRestricted:   g.yes(),
			LimitedQuantity:     g.yes(),
			EmergencyActionCode: maybe(g, g.text(letters, 1, 24)),
			PhoneNumber:         maybe(g, phone),
			CompanyName:         company,
		}),
		NumberOfOccupants: maybe(g, between[uint8](g, 0, 127)),
		VehicleIdentification: maybePointer(g, VehicleIdentification{
			WMINumber: maybe(g, g.text(letters, 1, 3)),
			VDS:       maybe(g, g.text(letters, 6, 6)),
		}),
		EnergyStorageType: maybe(g, between[EnergyStorageType](g, 0, 127)),
	}
}

func (g *dice) preCrash() *PreCrash {
	coordinate := func() Coordinate {
		return Coordinate{between[int32](g, -131072, 131071), between[uint16](g, 1, 4096)}
	}
	angle := func() Angle { return Angle{between[uint16](g, 0, 3601), between[uint8](g, 1, 127)} }
	component := func() VelocityComponent {
		return VelocityComponent{between[int16](g, -16383, 16383), between[uint8](g, 1, 127)}
	}
	acceleration := func(least int64) AccelerationComponent {
		return AccelerationComponent{between[int16](g, least, 161), between[uint8](g, 0, 102)}
	}
	dimension := func() ObjectDimension {
		return ObjectDimension{between[uint16](g, 1, 256), between[uint8](g, 1, 32)}
	}
	velocity := Velocity{Magnitude: g.speed(), Direction: angle(), Z: maybe(g, component())}
	if g.yes() {
		velocity = Velocity{Cartesian: true, X: component(), Y: component(), Z: velocity.Z}
	}
	change := Acceleration{Magnitude: acceleration(0), Direction: angle(), Z: maybe(g, acceleration(-160))}
	if g.yes() {
		change = Acceleration{Cartesian: true, X: acceleration(-160), Y: acceleration(-160), Z: change.Z}
	}
	return &PreCrash{
		PerceivedPreCrashObject: PerceivedObject{
			ObjectID:                maybe(g, between[uint16](g, 0, 65535)),
			MeasurementDeltaTime:    between[int16](g, -2048, 2047),
			Position:                Position3D{coordinate(), coordinate(), maybe(g, coordinate())},
			Velocity:                maybe(g, velocity),
			Acceleration:            maybe(g, change),
			Angles:                  maybe(g, EulerAngles{angle(), maybe(g, angle()), maybe(g, angle())}),
			ZAngularVelocity:        maybe(g, AngularVelocity{between[int16](g, -255, 256), between[uint8](g, 0, 7)}),
			ObjectDimensionZ:        maybe(g, dimension()),
			ObjectDimensionY:        maybe(g, dimension()),
			ObjectDimensionX:        maybe(g, dimension()),
			ObjectAge:               maybe(g, between[uint16](g, 0, 2047)),
			ObjectPerceptionQuality: maybe(g, between[uint8](g, 0, 15)),
			Classification:          several(g, true, 1, 8, g.objectClass),
		},
		ObjectStationID:          maybe(g, between[den.StationID](g, 0, 4294967295)),
		TimeToCollision:          maybe(g, between[uint16](g, 1, 10000)),
		ImpactSection:            maybe(g, between[den.ObjectFace](g, 0, 5)),
		EstimatedBrakingDistance: maybe(g, between[uint16](g, 0, 4095)),
	}
}

func (g *dice) objectClass() ObjectClass {
	o := ObjectClass{Kind: between[ObjectKind](g, 0, 3), Confidence: between[uint8](g, 1, 101)}
	switch o.Kind {
	case KindVehicle:
		o.SubClass = between[uint8](g, 0, 14)
	case KindVRU:
		o.VRUProfile, o.SubClass = between[uint8](g, 0, 3), between[uint8](g, 0, 15)
	case KindGroup:
		o.SubClass = between[uint8](g, 0, 255)
		o.ClusterID, o.ClusterProfiles = maybe(g, between[uint8](g, 0, 255)), maybe(g, between[uint8](g, 0, 15))
	case KindOther:
		o.SubClass = between[uint8](g, 0, 255)
	}
	return o
}

// What is written is read again as it was.
func TestRandomRoundTrip(t *testing.T) {
	for _, version1 := range []bool{false, true} {
		g := newDice(1)
		g.version1 = version1
		for i := range 1000 {
			d := g.denm()
			message, err := Marshal(d)
			if err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			got, err := Unmarshal(message)
			if err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			if diff := cmp.Diff(d, got); diff != "" {
				t.Fatalf("%d (-want +got)\n%s", i, diff)
			}
		}
	}
}
