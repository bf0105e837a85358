package uper

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
)

// What is passed over leaves the rest readable, and is told.
func TestSkipped(t *testing.T) {
	// A perceived object with only a place, and members of the given presence.
	object := func(matrices, sensors, mapPosition string, rest ...string) []string {
		return append([]string{
			"0", "0 0 0 0 0", matrices, "0 0 0", "0 0", sensors, "0", mapPosition,
			put(12, 2048), "0", put(18, 131072), put(12, 0), put(18, 131072), put(12, 0),
		}, rest...)
	}
	preCrash := func(first string, object []string, rest ...string) tape {
		content := append(append([]string{first, "0 0 1 0 0"}, object...), put(14, 999)) // timeToCollision 1000
		return tape{"1 000000", "0 000000", "1", opened(append(content, rest...)...)}
	}
	at1000 := func(d *DENM) {
		d.Alacarte = &Alacarte{PreCrash: &PreCrash{
			PerceivedPreCrashObject: PerceivedObject{Position: Position3D{X: Coordinate{0, 1}, Y: Coordinate{0, 1}}},
			TimeToCollision:         den.Some[uint16](1000),
		}}
	}
	matrix := []string{
		put(2, 1),            // 2 matrices
		"0", put(13, 0x1fff), // components
		put(4, 1),                              // 2 columns
		"0", put(4, 1), put(8, 0), put(8, 201), // of 2 cells
		"0", put(4, 0), put(8, 100), // of 1 cell
		"1", put(8, 14), put(14, 3), // more components than ETSI knows
		put(4, 0),
		"1", put(8, 14), strings.Repeat("11111111", 14), // more cells
	}
	root := "0 00 " + put(3, 4) // a situation's: no linkedCause, no eventHistory, quality 4
	situated := func(d *DENM) { d.Situation = &Situation{InformationQuality: 4, EventType: CauseCode{97, 1}} }
	cause := "0" + put(8, 97) + put(8, 1)
	for name, c := range map[string]struct {
		tape       tape
		containers byte
		skipped    Skipped
		change     func(*DENM)
	}{
		"situation_group_2": {
			tape{"1 00 ", put(3, 4), cause, "0 000001", "01", opened(put(8, 0xff))},
			withSituation, SkippedSituation, situated,
		},
		"situation_groups_1_to_3": {
			tape{"1 00 ", put(3, 4), cause, "0 000010", "111", opened("01", put(14, 8190+300)), opened("1"), opened(put(40, 5))},
			withSituation, SkippedSituation,
			func(d *DENM) { situated(d); d.Situation.EventEnd = den.Some[int16](300) },
		},
		"none_of_64": {
			tape{"1 00 ", put(3, 4), cause, "0 111111", strings.Repeat("0", 64)},
			withSituation, 0, situated,
		},
		"the_last_of_64": {
			tape{"1 00 ", put(3, 4), cause, "0 111111", strings.Repeat("0", 63), "1", opened("")},
			withSituation, SkippedSituation, situated,
		},
		"cause_code": {
			tape{root, "1", put(8, 97), put(8, 1), "0 000000", "1", opened(put(24, 1))},
			withSituation, SkippedCauseCode, situated,
		},
		"location": {
			tape{"1 000", put(3, 0), put(6, 0), "0 000000", "1", "1", put(7, 0), put(8, 200), strings.Repeat("1", 1600)},
			withLocation, SkippedLocation,
			func(d *DENM) { d.Location = &Location{Traces: []PathHistory{nil}} },
		},
		"alacarte": {
			tape{"1 100000", put(4, 3), "0 000001", "01", opened("1")},
			withAlacarte, SkippedAlacarte,
			func(d *DENM) { d.Alacarte = &Alacarte{LanePosition: den.Some[int8](2)} },
		},
		"road_configuration": {
			tape{"1 000000", "0 000000", "1", opened("11", put(30, 12345))},
			withAlacarte, SkippedRoadConfiguration,
			func(d *DENM) { d.Alacarte = &Alacarte{} },
		},
		"closed_lanes": {
			tape{"0 000100", "0 1 0 0 0 0 0 0 0", "1 0 0 0", "0 000000", "1", opened("1")},
			withAlacarte, SkippedRoadWorks,
			func(d *DENM) { d.Alacarte = &Alacarte{RoadWorks: &RoadWorks{ClosedLanes: &ClosedLanes{}}} },
		},
		"dangerous_goods": {
			tape{"0 000001", "0 0 1 0 0 0", "1 000", put(5, 3), put(14, 1203), "101", "0 000000", "1", opened("1")},
			withAlacarte, SkippedStationaryVehicle,
			func(d *DENM) {
				d.Alacarte = &Alacarte{StationaryVehicle: &StationaryVehicle{CarryingDangerousGoods: &DangerousGoods{
					DangerousGoodsType: 3, UNNumber: 1203, ElevatedTemperature: true, LimitedQuantity: true,
				}}}
			},
		},
		"vehicle_identification": {
			tape{"0 000001", "0 0 0 0 1 0", "1 00", "0 000000", "1", opened("1")},
			withAlacarte, SkippedStationaryVehicle,
			func(d *DENM) {
				d.Alacarte = &Alacarte{StationaryVehicle: &StationaryVehicle{VehicleIdentification: &VehicleIdentification{}}}
			},
		},
		"matrices": {preCrash("01", object("1", "0", "0", matrix...)), withAlacarte, SkippedSensing, at1000},
		"sensors": {
			preCrash("01", object("0", "1", "0", "0", put(7, 1), put(16, 0xffff))), withAlacarte, SkippedSensing, at1000,
		},
		"map_position": {
			preCrash("01", object("0", "0", "1", "0 1 1 1 1", "1 1", put(32, 5), put(8, 1), put(8, 2), put(25, 9))),
			withAlacarte, SkippedSensing, at1000,
		},
		"map_position_without_region": {
			preCrash("01", object("0", "0", "1", "0 1 0 0 0", "0 0", put(16, 0xffff))), withAlacarte, SkippedSensing, at1000,
		},
		"precrash": {
			tape{"1 000000", "0 000000", "1", opened(append(append([]string{"01", "1 0 1 0 0"}, object("0", "0", "0")...),
				put(14, 999), "0 000000", "1", opened("1"))...)},
			withAlacarte, SkippedPreCrash, at1000,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Unmarshal(c.tape.message(t, c.containers))
			if err != nil {
				t.Fatal(err)
			}
			want := shortest(c.change)
			want.Skipped = c.skipped
			if diff := cmp.Diff(want, d); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnknownObjectClass(t *testing.T) {
	p := tape{"1 000000", "0 000000", "1", opened("01", "0 0000",
		"0", "0 0 0 0 0", "0", "0 0 0", "0 0", "0", "1", "0",
		put(12, 2048), "0", put(18, 131072), put(12, 0), put(18, 131072), put(12, 0),
		put(3, 2),                                       // 3 classes
		"1", "0 000000", opened(put(16, 7)), put(7, 49), // of a kind that was added
		"0 01", "1", "0 000001", opened("1"), put(7, 9), // a VRU of a profile that was added
		"0 00", put(4, 5), put(7, 89))}
	d, err := Unmarshal(p.message(t, withAlacarte))
	if err != nil {
		t.Fatal(err)
	}
	want := []ObjectClass{
		{Kind: KindUnknown, Confidence: 50}, {Kind: KindUnknown, Confidence: 10}, {Kind: KindVehicle, SubClass: 5, Confidence: 90},
	}
	if diff := cmp.Diff(want, d.Alacarte.PreCrash.PerceivedPreCrashObject.Classification); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if d.Skipped != SkippedPreCrash {
		t.Errorf("passed over: %v", d.Skipped)
	}
	if _, err := Marshal(d); err == nil {
		t.Error("a class that is not known cannot be written")
	}
}

func TestSkippedString(t *testing.T) {
	if got := (SkippedLocation | SkippedSensing).String(); got != "location, sensing" {
		t.Errorf("%q", got)
	}
	if got := Skipped(0).String(); got != "" {
		t.Errorf("%q", got)
	}
	if got := Skipped(1<<len(skippedNames) - 1).String(); strings.Count(got, ",") != len(skippedNames)-1 || SkippedSensing != 1<<(len(skippedNames)-1) {
		t.Errorf("%q", got)
	}
}
