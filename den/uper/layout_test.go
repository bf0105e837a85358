package uper

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
)

// Here messages are put together bit by bit, as X.691 and ETSI's ASN.1 modules
// have them, for what no other codec at hand could be asked: the content of release
// 2, additions that nobody knows, and values that are extensions.

// A tape is bits, as digits; spaces are for the eye.
type tape []string

// put returns the digits of a number of n bits.
func put(n int, v uint64) string {
	var digits strings.Builder
	for i := n - 1; i >= 0; i-- {
		digits.WriteByte('0' + byte(v>>i&1))
	}
	return digits.String()
}

// opened returns an open type: the length in octets, the bits, and zeros.
func opened(parts ...string) string {
	bits := strings.ReplaceAll(strings.Join(parts, ""), " ", "")
	octets := max((len(bits)+7)/8, 1)
	return put(8, uint64(octets)) + bits + strings.Repeat("0", octets*8-len(bits))
}

// Containers that can follow the management of the shortest message.
const (
	withSituation = 0x80
	withLocation  = 0x40
	withAlacarte  = 0x20
)

// message returns the shortest message, which is a whole number of bytes, with more
// containers.
func (p tape) message(t testing.TB, containers byte) []byte {
	t.Helper()
	message := fromHex(t, handVectors["shortest"].hex)
	message[6] |= containers // the bits after the header
	bits := strings.ReplaceAll(strings.Join(p, ""), " ", "")
	for len(bits)%8 > 0 {
		bits += "0"
	}
	for i := 0; i < len(bits); i += 8 {
		var b byte
		for _, digit := range bits[i : i+8] {
			b = b<<1 | byte(digit-'0')
		}
		message = append(message, b)
	}
	return message
}

func shortest(change func(*DENM)) *DENM {
	d := *handVectors["shortest"].denm
	change(&d)
	return &d
}

func TestLayoutOfPreCrash(t *testing.T) {
	object := strings.Join([]string{
		"0",                  // no additions
		"1 1 1 1 1 0 1 1 1",  // id, velocity, acceleration, angles, turn, no matrices, z, y, x
		"1 1 0 1 0",          // age, quality, no sensors, classification, no map position
		put(16, 4242),        // objectId
		put(12, 2048-50),     // measurementDeltaTime -50
		"1",                  // position: z
		put(18, 131072+1500), // x 15 m
		put(12, 99),          // within 100 cm
		put(18, 131072-300),
		put(12, 4095), // unavailable
		put(18, 131072+50),
		put(12, 0),
		"0 1",         // velocity: polar, z
		put(14, 1389), // speedValue
		put(7, 29),    // speedConfidence 30
		put(12, 2700), // direction
		put(7, 126),   // unavailable
		put(15, 16383-7),
		put(7, 0),
		"1 0",          // acceleration: cartesian, no z
		put(9, 160-23), // -2.3 m/s2
		put(7, 102),
		put(9, 321), // unavailable
		put(7, 0),
		"0 1", // angles: no y, x
		put(12, 3599), put(7, 4),
		put(12, 0), put(7, 0),
		put(9, 0), put(3, 6), // turning velocity -255, out of range
		put(8, 0), put(5, 31), // z 0.1 m, unavailable
		put(8, 255), put(5, 0), // y 256
		put(8, 44), put(5, 2), // x 4.5 m
		put(11, 1500),                   // objectAge
		put(4, 15),                      // quality
		put(3, 3),                       // 4 classes
		"0 00", put(4, 14), put(7, 100), // agricultural vehicle, 101
		"0 01", "0 10", put(4, 2), put(7, 0), // motorcyclist, 1
		"0 10", "0 1 0 1", put(8, 9), put(8, 30), "1001", put(7, 49), // group 9 of 30
		"0 11", put(8, 255), put(7, 59), // other
	}, "")
	p := tape{
		"1 000000", // alacarte: additions, nothing in the root
		"0 000000", // 1 addition
		"1",        // which is there
		opened("01", // no roadConfiguration, preCrash
			"0 1 1 1 1", // no additions, station, time, section, braking distance
			object,
			put(32, 777), put(14, 2300-1), put(3, 5), put(12, 4095)),
	}
	want := shortest(func(d *DENM) {
		d.Alacarte = &Alacarte{PreCrash: &PreCrash{
			PerceivedPreCrashObject: PerceivedObject{
				ObjectID:             den.Some[uint16](4242),
				MeasurementDeltaTime: -50,
				Position: Position3D{
					Coordinate{1500, 100}, Coordinate{-300, 4096}, den.Some(Coordinate{50, 1}),
				},
				Velocity: den.Some(Velocity{
					Magnitude: Speed{1389, 30}, Direction: Angle{2700, 127}, Z: den.Some(VelocityComponent{-7, 1}),
				}),
				Acceleration: den.Some(Acceleration{
					Cartesian: true, X: AccelerationComponent{-23, 102}, Y: AccelerationComponent{161, 0},
				}),
				Angles:                  den.Some(EulerAngles{Z: Angle{3599, 5}, X: den.Some(Angle{0, 1})}),
				ZAngularVelocity:        den.Some(AngularVelocity{-255, 6}),
				ObjectDimensionZ:        den.Some(ObjectDimension{1, 32}),
				ObjectDimensionY:        den.Some(ObjectDimension{256, 1}),
				ObjectDimensionX:        den.Some(ObjectDimension{45, 3}),
				ObjectAge:               den.Some[uint16](1500),
				ObjectPerceptionQuality: den.Some[uint8](15),
				Classification: []ObjectClass{
					{Kind: KindVehicle, SubClass: 14, Confidence: 101},
					{Kind: KindVRU, VRUProfile: 2, SubClass: 2, Confidence: 1},
					{Kind: KindGroup, SubClass: 30, ClusterID: den.Some[uint8](9), ClusterProfiles: den.Some[uint8](9), Confidence: 50},
					{Kind: KindOther, SubClass: 255, Confidence: 60},
				},
			},
			ObjectStationID:          den.Some[den.StationID](777),
			TimeToCollision:          den.Some[uint16](2300),
			ImpactSection:            den.Some(den.FaceBack),
			EstimatedBrakingDistance: den.Some[uint16](4095),
		}}
	})
	checkCodec(t, p.message(t, withAlacarte), want)
}

// A polar acceleration, a cartesian velocity with z, and nothing else.
func TestLayoutOfTheOtherChoices(t *testing.T) {
	p := tape{"1 000000", "0 000000", "1", opened(
		"01", "0 0000",
		"0", "0 1 1 0 0 0 0 0 0", "0 0 0 0 0", // velocity and acceleration
		put(12, 2048), "0", put(18, 0), put(12, 4094), put(18, 262143), put(12, 4095),
		"1 1", put(15, 0), put(7, 126), put(15, 32766), put(7, 125), put(15, 16383), put(7, 0),
		"0 1", put(8, 161), put(7, 101), put(12, 3601), put(7, 126), put(9, 0), put(7, 0),
	)}
	checkCodec(t, p.message(t, withAlacarte), shortest(func(d *DENM) {
		d.Alacarte = &Alacarte{PreCrash: &PreCrash{PerceivedPreCrashObject: PerceivedObject{
			Position: Position3D{X: Coordinate{CoordinateTooLow, 4095}, Y: Coordinate{CoordinateTooHigh, 4096}},
			Velocity: den.Some(Velocity{
				Cartesian: true, X: VelocityComponent{-16383, 127}, Y: VelocityComponent{16383, 126},
				Z: den.Some(VelocityComponent{0, 1}),
			}),
			Acceleration: den.Some(Acceleration{
				Magnitude: AccelerationComponent{161, 101}, Direction: Angle{3601, 127}, Z: den.Some(AccelerationComponent{-160, 0}),
			}),
		}}}
	}))
}

// Enumerations and numbers that are beyond what ETSI's version knows.
func TestExtendedValues(t *testing.T) {
	positioning := func(v uint8) func(*DENM) {
		return func(d *DENM) { d.Alacarte = &Alacarte{PositioningSolution: den.Some(v)} }
	}
	trafficRule := func(v uint8) func(*DENM) {
		return func(d *DENM) { d.Alacarte = &Alacarte{RoadWorks: &RoadWorks{TrafficFlowRule: den.Some(v)}} }
	}
	time := func(v uint32) func(*DENM) {
		return func(d *DENM) {
			d.Location = &Location{Traces: []PathHistory{{{DeltaReferencePosition{0, 0, 0}, den.Some(v)}}}}
		}
	}
	point := "0 000" + put(3, 0) + put(6, 1) + "1" + put(18, 131071) + put(18, 131071) + put(15, 12700)
	for name, c := range map[string]struct {
		tape       tape
		containers byte
		change     func(*DENM)
	}{
		"positioning_5":   {tape{"0 000010", "0", put(3, 5)}, withAlacarte, positioning(5)},
		"positioning_6":   {tape{"0 000010", "1", "0", put(6, 0)}, withAlacarte, positioning(6)},
		"positioning_69":  {tape{"0 000010", "1", "0", put(6, 63)}, withAlacarte, positioning(69)},
		"positioning_70":  {tape{"0 000010", "1", "1", put(8, 1), put(8, 64)}, withAlacarte, positioning(70)},
		"positioning_255": {tape{"0 000010", "1", "1", put(8, 1), put(8, 249)}, withAlacarte, positioning(255)},
		"traffic_rule_4": {
			tape{"0 000100", "0 0 0 0 0 0 0 1 0", "1", "0", put(6, 0)}, withAlacarte, trafficRule(4),
		},
		"time_65535":      {tape{point, "0", put(16, 65534)}, withLocation, time(65535)},
		"time_65536":      {tape{point, "1", put(8, 3), put(24, 65536)}, withLocation, time(65536)},
		"time_8388607":    {tape{point, "1", put(8, 3), put(24, 8388607)}, withLocation, time(8388607)},
		"time_8388608":    {tape{point, "1", put(8, 4), put(32, 8388608)}, withLocation, time(8388608)},
		"time_2147483648": {tape{point, "1", put(8, 5), put(40, 1<<31)}, withLocation, time(1 << 31)},
		"time_4294967295": {tape{point, "1", put(8, 5), put(40, 1<<32-1)}, withLocation, time(1<<32 - 1)},
	} {
		t.Run(name, func(t *testing.T) { checkCodec(t, c.tape.message(t, c.containers), shortest(c.change)) })
	}
}

func TestLayoutOfTexts(t *testing.T) {
	seven := func(text string) (bits string) {
		for _, character := range []byte(text) {
			bits += put(7, uint64(character))
		}
		return bits
	}
	eight := func(text string) (bits string) {
		for _, octet := range []byte(text) {
			bits += put(8, uint64(octet))
		}
		return bits
	}
	const company = "Löschzug 3 – Turin 24 Zn" // 24 characters, 27 octets
	p := tape{
		"0 000001", "0 0 1 0 1 0", // alacarte, stationaryVehicle
		"0 111", put(5, 19), put(14, 9999), "010",
		put(5, 3-1), seven("2X\x00"),
		put(4, 4-1), "0001 1010 0000 0111", // "09 6", the space is 0 and the digits follow
		put(8, 27), eight(company),
		"0 11", put(2, 3-1), seven("WVW"), seven("ZZZ1JZ"),
	}
	checkCodec(t, p.message(t, withAlacarte), shortest(func(d *DENM) {
		d.Alacarte = &Alacarte{StationaryVehicle: &StationaryVehicle{
			CarryingDangerousGoods: &DangerousGoods{
				DangerousGoodsType: 19, UNNumber: 9999, TunnelsRestricted: true,
				EmergencyActionCode: den.Some("2X\x00"), PhoneNumber: den.Some("09 6"), CompanyName: den.Some(company),
			},
			VehicleIdentification: &VehicleIdentification{WMINumber: den.Some("WVW"), VDS: den.Some("ZZZ1JZ")},
		}}
	}))
}

// An open type of 128 octets and more has a longer length, wherever it begins.
func TestLongOpenTypes(t *testing.T) {
	for n := range 60 {
		for traces := 1; traces <= 7; traces++ { // so that it begins at another bit
			d := shortest(func(d *DENM) {
				d.Situation = &Situation{EventType: CauseCode{1, 2}, EventHistory: make([]EventPoint, traces)}
				d.Situation.LinkedDenms = make([]den.ActionID, n+1)
				for i := range d.Situation.LinkedDenms {
					d.Situation.LinkedDenms[i] = den.ActionID{OriginatingStationID: 0xdeadbeef, SequenceNumber: uint16(i)}
				}
				d.Location = &Location{Traces: []PathHistory{nil}}
			})
			message, err := Append([]byte("before"), d)
			if err != nil {
				t.Fatal(err)
			}
			if string(message[:6]) != "before" {
				t.Fatalf("what was there is %q", message[:6])
			}
			checkCodec(t, message[6:], d)
			if t.Failed() {
				t.Fatalf("with %d", n)
			}
		}
	}
}

// A default that is sent, a list with an extended length that needs none and the
// like are read, and written as they must be.
func TestNotCanonical(t *testing.T) {
	point := "0 000" + put(3, 0) + put(6, 1) + "1" + put(18, 131071) + put(18, 131071) + put(15, 12700)
	located := func(v uint32) func(*DENM) {
		return func(d *DENM) {
			d.Location = &Location{Traces: []PathHistory{{{DeltaReferencePosition{0, 0, 0}, den.Some(v)}}}}
		}
	}
	references := make([]den.ActionID, 2)
	for name, c := range map[string]struct {
		tape, canonical tape
		containers      byte
		change          func(*DENM)
	}{
		"small_extended_time": {
			tape{point, "1", put(8, 1), put(8, 7)}, tape{point, "0", put(16, 6)}, withLocation, located(7),
		},
		"long_extended_time": {
			tape{point, "1", put(8, 5), put(40, 70000)}, tape{point, "1", put(8, 3), put(24, 70000)}, withLocation, located(70000),
		},
		"extended_length": {
			tape{"0 000100", "0 0 0 0 0 0 0 0 1", "1", put(8, 2), put(96, 0)[:96]},
			tape{"0 000100", "0 0 0 0 0 0 0 0 1", "0", put(3, 1), put(96, 0)[:96]},
			withAlacarte,
			func(d *DENM) { d.Alacarte = &Alacarte{RoadWorks: &RoadWorks{ReferenceDenms: references}} },
		},
		"two_octets_of_length": {
			tape{"0 000100", "0 0 0 0 0 0 0 0 1", "1", put(16, 1<<15|2), put(96, 0)[:96]},
			tape{"0 000100", "0 0 0 0 0 0 0 0 1", "0", put(3, 1), put(96, 0)[:96]},
			withAlacarte,
			func(d *DENM) { d.Alacarte = &Alacarte{RoadWorks: &RoadWorks{ReferenceDenms: references}} },
		},
		"large_form_of_a_small_enumeration": {
			tape{"0 000010", "1", "1", put(8, 2), put(16, 1)},
			tape{"0 000010", "1", "0", put(6, 1)},
			withAlacarte, func(d *DENM) { d.Alacarte = &Alacarte{PositioningSolution: den.Some[uint8](7)} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Unmarshal(c.tape.message(t, c.containers))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(shortest(c.change), d); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			checkCodec(t, c.canonical.message(t, c.containers), d)
		})
	}
}

func TestDefaultValidityThatIsSent(t *testing.T) {
	d := shortest(func(d *DENM) { d.Management.ValidityDuration = 601 })
	message, err := Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	const last = 48 + 3 + 6 + 48 + 42 + 42 + 123 + 17 - 1 // its last bit, which 600 does not have
	message[last/8] &^= 0x80 >> (last % 8)
	got, err := Unmarshal(message)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(handVectors["shortest"].denm, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
