package world

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/step-its/producer/den"
)

const begin den.Timestamp = 1772442914000 // 2026-03-02

// play returns all arrays of a world that goes on for n steps.
func play(cfg Config, n int, dt time.Duration) (*World, [][]*den.StationCollisions) {
	w := New(cfg)
	var steps [][]*den.StationCollisions
	for range n {
		w.Step(dt)
		steps = append(steps, w.Predict(begin.Add(w.Now())))
	}
	return w, steps
}

func configs() *rapid.Generator[Config] {
	return rapid.Custom(func(t *rapid.T) Config {
		return Config{
			Seed:        rapid.Uint64().Draw(t, "seed"),
			Blocks:      rapid.IntRange(1, 6).Draw(t, "blocks"),
			Vehicles:    rapid.IntRange(0, 60).Draw(t, "vehicles"),
			Cyclists:    rapid.IntRange(0, 15).Draw(t, "cyclists"),
			Pedestrians: rapid.IntRange(0, 15).Draw(t, "pedestrians"),
			Noise:       rapid.Float64Range(0, 3).Draw(t, "noise"),
			Horizon:     time.Duration(rapid.IntRange(500, 10000).Draw(t, "horizon")) * time.Millisecond,
			Latitude:    rapid.Float64Range(-70, 70).Draw(t, "latitude"),
			Longitude:   rapid.Float64Range(-170, 170).Draw(t, "longitude"),
		}
	})
}

func TestSameSeedSameArrays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := configs().Draw(t, "config")
		_, first := play(cfg, 30, 100*time.Millisecond)
		_, second := play(cfg, 30, 100*time.Millisecond)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("the same world twice: %s", diff)
		}
	})
}

func TestOtherSeedOtherArrays(t *testing.T) {
	cfg := Default()
	_, first := play(cfg, 100, 100*time.Millisecond)
	cfg.Seed++
	_, second := play(cfg, 100, 100*time.Millisecond)
	if cmp.Equal(first, second) {
		t.Error("two seeds give the same arrays")
	}
}

// Looking at the town, and with which instruments, does not change it.
func TestMeasuringChangesNothing(t *testing.T) {
	seen, _ := play(Default(), 200, 100*time.Millisecond)
	unseen := New(Default())
	cfg := Default()
	cfg.Noise = 5
	blurred, _ := play(cfg, 200, 100*time.Millisecond)
	for range 200 {
		unseen.Step(100 * time.Millisecond)
	}
	for i := range seen.movers {
		if a, b, c := seen.movers[i].at, unseen.movers[i].at, blurred.movers[i].at; a != b || a != c {
			t.Fatalf("mover %d is at %v when looked at, at %v when not, and at %v with other noise", i, a, b, c)
		}
	}
}

// Every array is one that the service accepts, and what the package says of arrays
// is true.
func TestArraysAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := configs().Draw(t, "config")
		_, steps := play(cfg, 25, 200*time.Millisecond)
		for _, arrays := range steps {
			for _, a := range arrays {
				if err := a.Validate(); err != nil {
					t.Fatal(err)
				}
				again, err := den.ParseStationCollisions(a.AppendJSON(nil))
				if err != nil || !cmp.Equal(a, again) {
					t.Fatalf("read back: %v, %s", err, cmp.Diff(a, again))
				}
				checkTargets(t, a, cfg.Horizon)
			}
		}
	})
}

func checkTargets(t *rapid.T, a *den.StationCollisions, horizon time.Duration) {
	reference := a.Stations[0]
	for _, s := range a.Stations[1:] {
		if s.StationID < reference.StationID || s.StationID == reference.StationID && s.ObjectID.Or(0) <= reference.ObjectID.Or(0) {
			t.Errorf("the reference %d is not the lower id of the pair with %d", reference.StationID, s.StationID)
		}
		if ms := int64(s.TimeToCollision.Value); ms > horizon.Milliseconds()+1 {
			t.Errorf("a collision in %d ms lies beyond the horizon of %v", ms, horizon)
		}
	}
}

// Nobody leaves the streets or drives faster than they like.
func TestTraffic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := New(configs().Draw(t, "config"))
		far := float64(w.cfg.Blocks) * block
		for range 300 {
			w.Step(100 * time.Millisecond)
			for _, m := range w.movers {
				off := min(math.Abs(math.Remainder(m.at.x, block)), math.Abs(math.Remainder(m.at.y, block)))
				if off > m.lane+0.01 || m.at.x < -10 || m.at.y < -10 || m.at.x > far+10 || m.at.y > far+10 {
					t.Fatalf("%d/%d has left the street: %v, %.2f m off", m.station, m.object, m.at, off)
				}
				if m.speed < 0 || m.speed > m.cruise+0.5 {
					t.Fatalf("%d/%d goes %.1f m/s and likes %.1f", m.station, m.object, m.speed, m.cruise)
				}
			}
		}
	})
}

// In the town that is shown something happens all the time, and not everywhere.
func TestDefaultIsBusy(t *testing.T) {
	w, steps := play(Default(), 1200, 100*time.Millisecond)
	quiet, most := 0, 0
	for _, arrays := range steps {
		if len(arrays) == 0 {
			quiet++
		}
		most = max(most, len(arrays))
	}
	t.Logf("nothing predicted in %d of %d steps, at most %d arrays in one", quiet, len(steps), most)
	if quiet > len(steps)/2 || most > 20 {
		t.Errorf("nothing predicted in %d of %d steps, at most %d arrays in one", quiet, len(steps), most)
	}
	for _, m := range w.movers {
		if m.stood > time.Minute {
			t.Errorf("%d/%d has stood at %v for %v", m.station, m.object, m.at, m.stood)
		}
	}
}

func TestApproach(t *testing.T) {
	for name, c := range map[string]struct {
		at, velocity, otherAt, otherVelocity vector
		seconds, apart                       float64
	}{
		"crossing":    {vector{-20, 0}, vector{10, 0}, vector{0, -20}, vector{0, 10}, 2, 0},
		"head-on":     {vector{0, 0}, vector{10, 0}, vector{60, 3}, vector{-10, 0}, 3, 3},
		"parting":     {vector{0, 0}, vector{-10, 0}, vector{10, 0}, vector{10, 0}, 0, 10},
		"together":    {vector{0, 0}, vector{5, 0}, vector{8, 0}, vector{5, 0}, 0, 8},
		"from_behind": {vector{0, 0}, vector{15, 0}, vector{20, 0}, vector{5, 0}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			seconds, apart := approach(c.at, c.velocity, c.otherAt, c.otherVelocity)
			if math.Abs(seconds-c.seconds) > 1e-9 || math.Abs(apart-c.apart) > 1e-9 {
				t.Errorf("in %v s, %v m apart, want %v s and %v m", seconds, apart, c.seconds, c.apart)
			}
		})
	}
}

func TestNeverGreenForBoth(t *testing.T) {
	j := junction{2, 3}
	for at := time.Duration(0); at < cycle; at += 100 * time.Millisecond {
		if j.green(0, at) && j.green(1, at) {
			t.Fatalf("green for both streets at %v", at)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	w := New(Default())
	for b.Loop() {
		w.Step(100 * time.Millisecond)
		w.Predict(begin)
	}
}
