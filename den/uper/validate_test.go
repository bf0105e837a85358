package uper

import (
	"errors"
	"strings"
	"testing"

	"github.com/step-its/producer/den"
)

func TestMappingErrors(t *testing.T) {
	from := func(p Profile, change func(*den.DENM)) error {
		d := crash()
		change(d)
		_, err := FromDENM(d, p)
		return err
	}
	to := func(change func(*DENM)) error {
		_, err := changed(crashInETSITerms(), change).ToDENM(Profile{})
		return err
	}
	_, nothing := FromDENM(nil, Profile{})
	var none *DENM
	_, nothing2 := none.ToDENM(Profile{})
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"nil":              {nothing, "uper: there is no DENM"},
		"nil_to":           {nothing2, "uper: there is no DENM"},
		"nil_validate":     {none.Validate(R1), "uper: there is no DENM"},
		"no_time":          {from(Profile{}, func(d *den.DENM) { d.Management.DetectionTime = 0 }), "uper: management.detectionTime: "},
		"late":             {from(Profile{WithoutLeapSeconds: true}, func(d *den.DENM) { d.Management.ReferenceTime = den.MaxTimestamp + 1 }), "uper: management.referenceTime: "},
		"r2_no_situation":  {from(Profile{Release: R2}, func(d *den.DENM) { d.Situation = den.Optional[den.Situation]{} }), "uper: situation: is missing"},
		"its_time":         {to(func(d *DENM) { d.Management.ReferenceTime = 1 << 42 }), "uper: management.referenceTime: "},
		"no_latitude":      {to(func(d *DENM) { d.Management.EventPosition.Latitude = UnavailableLatitude }), "uper: management.eventPosition: is unavailable"},
		"no_longitude":     {to(func(d *DENM) { d.Management.EventPosition.Longitude = UnavailableLongitude }), "uper: management.eventPosition: is unavailable"},
		"reserved_station": {to(func(d *DENM) { d.Management.StationType = 16 }), "uper: management.stationType: "},
		"reserved_cause":   {to(func(d *DENM) { d.Situation.EventType.CauseCode = 4 }), "uper: situation.eventType.causeCode: "},
		"far_away": {
			to(func(d *DENM) { d.Alacarte.PreCrash.PerceivedPreCrashObject.Position.X.Value = CoordinateTooLow }),
			"uper: alacarte.preCrash.perceivedPreCrashObject.position: is out of range",
		},
	} {
		var value *ValueError
		if !errors.As(c.err, &value) || !strings.HasPrefix(value.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, c.err, c.want)
		}
	}
	if err := from(Profile{}, func(d *den.DENM) { d.Situation = den.Optional[den.Situation]{} }); err != nil {
		t.Errorf("release 1 has messages without a situation: %v", err)
	}
}

// A termination that a sender copied from the last DENM is understood; what ETSI
// says of it is a matter of Validate.
func TestTerminationWithContainers(t *testing.T) {
	d := changed(crashInETSITerms(), func(d *DENM) { d.Management.Termination = den.Some(den.IsCancellation) })
	got, err := d.ToDENM(Profile{})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Is(den.IsCancellation) || got.Situation.Valid || got.Location.Valid || got.PreCrash.Valid {
		t.Errorf("%+v", got)
	}
	want := []string{"situation: must not", "location: must not", "alacarte: must not"}
	for _, text := range want {
		for _, r := range []Release{R1, R2} {
			if err := d.Validate(r); err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%v, want %s", err, text)
			}
		}
		switch {
		case d.Situation != nil:
			d.Situation = nil
		case d.Location != nil:
			d.Location = nil
		default:
			d.Alacarte = nil
		}
	}
	if err := d.Validate(R2); err != nil {
		t.Error(err)
	}
	open := crashInETSITerms()
	if err := open.Validate(R2); err != nil {
		t.Error(err)
	}
	open.Situation.EventHistory, open.Situation.EventEnd = []EventPoint{{}}, den.Some[int16](7)
	if open.Validate(R1) != nil || open.Validate(R2) == nil {
		t.Error("eventHistory and eventEnd together are wrong in release 2")
	}
	open.Location = nil
	if open.Validate(R1) != nil || open.Validate(R2) == nil {
		t.Error("location is missing in release 2")
	}
}
