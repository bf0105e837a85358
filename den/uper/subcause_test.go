package uper

import (
	"testing"

	"github.com/step-its/producer/den"
)

func TestSubCause(t *testing.T) {
	heading := func(degrees int) den.Optional[den.Heading] {
		return den.Some(den.Heading{Value: uint16(degrees * 10)})
	}
	for name, c := range map[string]struct {
		change func(*den.DENM)
		other  den.TrafficParticipantType
		r1, r2 uint8
	}{
		"pedestrian":          {nil, den.TypePedestrian, 4, 5},
		"cyclist":             {nil, den.TypeCyclist, 4, 6},
		"scooter":             {nil, den.TypeLightVruVehicle, 4, 6},
		"motorcycle":          {nil, den.TypeMotorcycle, 4, 4},
		"car_from_the_right":  {nil, den.TypePassengerCar, 2, 2},
		"unknown":             {nil, den.TypeUnknown, 2, 2},
		"rear_end":            {func(d *den.DENM) { d.PreCrash.Value.PerceivedObject.Heading = heading(93) }, 0, 1, 1},
		"head_on":             {func(d *den.DENM) { d.PreCrash.Value.PerceivedObject.Heading = heading(268) }, 0, 1, 1},
		"just_crossing":       {func(d *den.DENM) { d.PreCrash.Value.PerceivedObject.Heading = heading(90 + 46) }, 0, 2, 2},
		"just_not_crossing":   {func(d *den.DENM) { d.PreCrash.Value.PerceivedObject.Heading = heading(90 + 45) }, 0, 1, 1},
		"crossing_over_north": {func(d *den.DENM) { d.Location.Value.EventPositionHeading = heading(300) }, 0, 2, 2},
		"side_by_side": {func(d *den.DENM) {
			d.PreCrash.Value.PerceivedObject.Heading = heading(90)
			d.PreCrash.Value.PerceivedObject.Position.Latitude += 400 // 4.4 m
			d.PreCrash.Value.PerceivedObject.Position.Longitude = d.Management.EventPosition.Longitude
		}, 0, 3, 3},
		"behind": {func(d *den.DENM) {
			d.PreCrash.Value.PerceivedObject.Heading = heading(80)
			d.PreCrash.Value.PerceivedObject.Position.Longitude = d.Management.EventPosition.Longitude - 3000
		}, 0, 1, 1},
		"at_the_same_place": {func(d *den.DENM) {
			d.PreCrash.Value.PerceivedObject.Heading = heading(90)
			d.PreCrash.Value.PerceivedObject.Position = d.Management.EventPosition
		}, 0, 1, 1},
		"no_heading":          {func(d *den.DENM) { d.PreCrash.Value.PerceivedObject.Heading = den.Optional[den.Heading]{} }, 0, 0, 0},
		"unavailable_heading": {func(d *den.DENM) { d.Location.Value.EventPositionHeading = den.Some(den.UnknownHeading()) }, 0, 0, 0},
		"only_that_it_is_a_car": {
			func(d *den.DENM) { d.Location.Value.EventPositionHeading = den.Optional[den.Heading]{} }, den.TypePassengerCar, 0, 7,
		},
		"no_precrash":   {func(d *den.DENM) { d.PreCrash = den.Optional[den.PreCrash]{} }, 0, 0, 0},
		"no_location":   {func(d *den.DENM) { d.Location = den.Optional[den.Location]{} }, 0, 0, 0},
		"another_event": {func(d *den.DENM) { d.Situation.Value.EventType = den.CauseRoadworks }, den.TypePedestrian, 0, 0},
		"no_situation":  {func(d *den.DENM) { d.Situation = den.Optional[den.Situation]{} }, den.TypePedestrian, 0, 0},
	} {
		d := crash()
		if c.change != nil {
			c.change(d)
		}
		if r1, r2 := SubCause(d, R1, c.other), SubCause(d, R2, c.other); r1 != c.r1 || r2 != c.r2 {
			t.Errorf("%s: %d in release 1 and %d in release 2, want %d and %d", name, r1, r2, c.r1, c.r2)
		}
	}
}

// A program may ask about nothing, and say of the other party what no class is for.
func TestNoParticipant(t *testing.T) {
	if got := SubCause(nil, R1, den.TypePedestrian); got != CollisionUnavailable {
		t.Errorf("of nothing the sub cause is %d", got)
	}
	for _, other := range []den.TrafficParticipantType{den.TypeUnknown, den.TypeRoadSideUnit, 16, 255} {
		p := Profile{Release: R2, Participant: func(*den.DENM) den.TrafficParticipantType { return other }}
		e, err := FromDENM(crash(), p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Marshal(e); err != nil || e.Alacarte.PreCrash.PerceivedPreCrashObject.Classification != nil {
			t.Errorf("%d: %v, %+v", other, err, e.Alacarte.PreCrash.PerceivedPreCrashObject.Classification)
		}
	}
}
