package den_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// TestOutcomeOfEveryKindOfInput sends one odd message through Run and says all
// that comes of it: what is rejected and why, and every counter that moves.
// Inside the bubble it is 2026-03-02T09:15:00Z; pair (8, 9) has an open event.
func TestOutcomeOfEveryKindOfInput(t *testing.T) {
	const later = time.Minute
	collisions := func(at time.Duration, stations ...den.StationID) []byte {
		return dentest.Event(dentest.Collisions(dentest.Now().Add(at), stations[0], stations[1:]...), nil)
	}
	with := func(message []byte, old, new string) []byte {
		return []byte(strings.Replace(string(message), old, new, 1))
	}
	for _, test := range []struct {
		name    string
		message func(open *den.DENM) []byte
		want    den.Stats // beside the event that was open
		reject  string
	}{
		{
			name:    "good",
			message: func(*den.DENM) []byte { return collisions(0, 1, 2, 3) },
			want:    den.Stats{Active: 2, Arrays: 1, Created: 2},
		},
		{
			name:    "update",
			message: func(*den.DENM) []byte { return collisions(0, 8, 9) },
			want:    den.Stats{Arrays: 1, Updated: 1},
		},
		{
			name:    "older-than-known",
			message: func(*den.DENM) []byte { return collisions(-time.Millisecond, 8, 9) },
			want:    den.Stats{Arrays: 1, Stale: 1},
		},
		{
			name:    "older-than-known-beside-a-new-pair",
			message: func(*den.DENM) []byte { return collisions(-time.Millisecond, 8, 9, 10) },
			want:    den.Stats{Active: 1, Arrays: 1, Stale: 1, Created: 1},
		},
		{
			name:    "long-past",
			message: func(*den.DENM) []byte { return collisions(-later, 1, 2) },
			want:    den.Stats{Arrays: 1, TooLate: 1},
		},
		{
			name:    "in-the-future",
			message: func(*den.DENM) []byte { return collisions(later, 1, 2) },
			want:    den.Stats{Arrays: 1, Future: 1},
		},
		{
			name:    "before-its-time",
			message: func(*den.DENM) []byte { return with(collisions(0, 1, 2), "2026-03-02T", "1999-03-02T") },
			want:    den.Stats{Rejected: 1},
		},
		{
			name:    "time-to-collision-of-a-minute",
			message: func(*den.DENM) []byte { return with(collisions(0, 1, 2), `:2400`, `:60000`) },
			want:    den.Stats{Active: 1, Arrays: 1, Created: 1},
		},
		{
			name: "unknown-key",
			message: func(*den.DENM) []byte {
				return with(collisions(0, 1, 2), `{"stationId"`, `{"colour":"red","stationId"`)
			},
			want: den.Stats{Active: 1, Arrays: 1, Created: 1},
		},
		{
			name:    "one-station",
			message: func(*den.DENM) []byte { return collisions(0, 1) },
			want:    den.Stats{Rejected: 1},
			reject:  "data.stations: must list 2..256 stations but lists 1",
		},
		{
			name:    "same-station-twice",
			message: func(*den.DENM) []byte { return collisions(0, 1, 2, 2) },
			want:    den.Stats{Rejected: 1},
			reject:  "data.stations[2]: is the same station and object as stations[1]",
		},
		{
			name: "speed-out-of-range",
			message: func(*den.DENM) []byte {
				return with(collisions(0, 1, 2), `"speed":{"value":1389`, `"speed":{"value":16384`)
			},
			want:   den.Stats{Rejected: 1},
			reject: "data.stations[0].speed.value: must be a whole number 0..16383 but is 16384",
		},
		{
			name:    "ten-megabytes",
			message: func(*den.DENM) []byte { return make([]byte, 10<<20) },
			want:    den.Stats{Rejected: 1},
			reject:  "the message has 10485760 bytes; at most 1048576 are read",
		},
		{
			name: "deep",
			message: func(*den.DENM) []byte {
				return []byte(`{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`)
			},
			want: den.Stats{Rejected: 1},
		},
		{
			name:    "negation",
			message: func(open *den.DENM) []byte { return dentest.Event(nil, dentest.Negation(open, 77)) },
			want:    den.Stats{Active: -1, DENMs: 1, Negated: 1},
		},
		{
			name: "negation-with-nothing-else-right",
			message: func(*den.DENM) []byte {
				return []byte(`{"dataschema":"DenmDataV1","data":{"stationId":"?","managementContainer":{"actionId":{"originatingStationId":3000001,"sequenceNumber":0},"termination":"isNegation","eventPosition":[],"stationType":-1}}}`)
			},
			want: den.Stats{Active: -1, DENMs: 1, Negated: 1},
		},
		{
			name:    "negation-by-ourselves",
			message: func(open *den.DENM) []byte { return dentest.Event(nil, dentest.Negation(open, ourStation)) },
			want:    den.Stats{DENMs: 1, OwnMessage: 1},
		},
		{
			name: "negation-of-nothing",
			message: func(open *den.DENM) []byte {
				n := dentest.Negation(open, 77)
				n.Management.ActionID.SequenceNumber = 4711
				return dentest.Event(nil, n)
			},
			want: den.Stats{DENMs: 1, UnknownAction: 1},
		},
		{
			name: "negation-of-an-earlier-event",
			message: func(open *den.DENM) []byte {
				n := dentest.Negation(open, 77)
				n.Management.ReferenceTime--
				return dentest.Event(nil, n)
			},
			want: den.Stats{DENMs: 1, Outdated: 1},
		},
		{
			name:    "cancellation-by-another-station",
			message: func(open *den.DENM) []byte { return dentest.Event(nil, by(77, open.Cancellation(dentest.Now()))) },
			want:    den.Stats{DENMs: 1, NotNegation: 1},
		},
		{
			name:    "denm-of-another-station",
			message: func(open *den.DENM) []byte { return dentest.Event(nil, by(77, open)) },
			want:    den.Stats{DENMs: 1, NotNegation: 1},
		},
		{
			name:    "denm-of-ours",
			message: func(open *den.DENM) []byte { return dentest.Event(nil, open) },
			want:    den.Stats{DENMs: 1, OwnMessage: 1},
		},
		{
			name: "denm-that-is-broken",
			message: func(open *den.DENM) []byte {
				return with(dentest.Event(nil, open), `"stationType":"roadSideUnit"`, `"stationType":"spaceship"`)
			},
			want:   den.Stats{Rejected: 1},
			reject: `data.managementContainer.stationType: must be a traffic participant type such as passengerCar but is "spaceship"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				r.collide(8, 9)
				before := r.Stats()
				run := r.start()
				r.x.Send(test.message(r.last()))
				synctest.Wait()
				if got := since(before, r.Stats()); got != test.want {
					t.Errorf("counters (-want +got):\n%s", cmp.Diff(test.want, got))
				}
				if r.x.Pending() != 0 {
					t.Error("the input is not acknowledged")
				}
				rejected := r.x.Rejected()
				if len(rejected) != int(test.want.Rejected) {
					t.Fatalf("rejected: %v", rejected)
				}
				if len(rejected) == 1 && test.reject != "" && rejected[0].Err.Error() != test.reject {
					t.Errorf("rejected because\n%v, want\n%s", rejected[0].Err, test.reject)
				}
				run.stop()
			})
		})
	}
}

// since returns what the counters counted between two snapshots.
func since(before, after den.Stats) den.Stats {
	after.Active -= before.Active
	after.Arrays -= before.Arrays
	after.Created -= before.Created
	return after
}

// by returns the DENM as if another station had sent it.
func by(station den.StationID, d *den.DENM) *den.DENM {
	other := *d
	other.StationID = station
	return &other
}
