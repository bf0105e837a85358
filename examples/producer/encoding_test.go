package main

import (
	"slices"
	"testing"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/uper"
)

// withUPER adds an output stream for each of ETSI's releases.
func withUPER(cfg *config.Config) {
	first := cfg.Redis.Streams.Outputs[0]
	for _, format := range []string{config.FormatUPERR1, config.FormatUPERR2} {
		out := first
		out.StreamID, out.GroupID, out.Format = "denms-"+format, "vehicles", format
		out.LeapSeconds = format == config.FormatUPERR1
		cfg.Redis.Streams.Outputs = append(cfg.Redis.Streams.Outputs, out)
	}
}

// vulnerable is a party of which the sub cause of release 1 says that it is a vulnerable
// road user, and one of which it does not.
var vulnerable = map[bool]den.TrafficParticipantType{true: den.TypeCyclist, false: den.TypePassengerCar}

// checkUPER holds the streams in UPER against the one in JSON: the same DENMs in the same
// order, and what an entry says of its message is true.
func checkUPER(t *testing.T, client rueidis.Client, cfg config.Config, outputs []output) {
	t.Helper()
	for _, out := range cfg.Redis.Streams.Outputs[1:] {
		profile := uper.Profile{WithoutLeapSeconds: !out.LeapSeconds}
		contentType := "application/x-etsi-denm-uper; release=1"
		if out.Format == config.FormatUPERR2 {
			profile.Release, contentType = uper.R2, "application/x-etsi-denm-uper; release=2"
		}
		list := entries(t, client, out.StreamID)
		if len(list) != len(outputs) {
			t.Fatalf("%s has %d entries; want %d", out.StreamID, len(list), len(outputs))
		}
		for i, e := range list {
			d := outputs[i].denm
			message := []byte(e.FieldValues["message"])
			read, err := uper.Unmarshal(message)
			if err != nil {
				t.Fatalf("%s, entry %d: %v", out.StreamID, i, err)
			}
			back, err := read.ToDENM(profile)
			if err != nil {
				t.Fatalf("%s, entry %d: %v", out.StreamID, i, err)
			}
			if back.Management.ActionID != d.Management.ActionID || back.Management.ReferenceTime != d.Management.ReferenceTime ||
				back.Management.Termination != d.Management.Termination || back.Management.EventPosition.Latitude != d.Management.EventPosition.Latitude {
				t.Errorf("%s, entry %d is %+v; want %+v", out.StreamID, i, back.Management, d.Management)
			}
			if alone := read.Situation == nil && read.Location == nil && read.Alacarte == nil; alone != d.Is(den.IsCancellation) {
				t.Errorf("%s, entry %d: nothing but management: %v; cancellation: %v", out.StreamID, i, alone, d.Is(den.IsCancellation))
			}
			if d.PreCrash.Valid && back.PreCrash.Valid {
				d.PreCrash.Value.PerceivedObject.Type = back.PreCrash.Value.PerceivedObject.Type // JSON does not have it
				if out.Format == config.FormatUPERR2 && !back.PreCrash.Value.PerceivedObject.Type.Valid {
					t.Errorf("%s, entry %d does not say what the other party is", out.StreamID, i)
				}
			} else if read.Situation != nil && out.Format == config.FormatUPERR1 {
				// Release 1 says it by the sub cause alone.
				d.PreCrash.Value.PerceivedObject.Type = den.Some(vulnerable[read.Situation.EventType.SubCauseCode == uper.CollisionVulnerableRoadUser])
			}
			if want, err := profile.Append(nil, d); err != nil || !slices.Equal(message, want) {
				t.Errorf("%s, entry %d is %x; want %x, %v", out.StreamID, i, message, want, err)
			}
			termination := ""
			if d.Is(den.IsCancellation) {
				termination = "isCancellation"
			}
			if len(e.FieldValues) != 4 || e.FieldValues["actionId"] != d.Management.ActionID.String() ||
				e.FieldValues["termination"] != termination || e.FieldValues["contentType"] != contentType {
				t.Errorf("%s, entry %d says %q", out.StreamID, i, e.FieldValues)
			}
		}
	}
}
