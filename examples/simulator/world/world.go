package world

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Config says what is in a world. New copies it. Zero is a value everywhere except
// where a default is named.
type Config struct {
	// Seed makes one world differ from another.
	Seed uint64
	// Blocks is how many blocks of houses lie along each side of the town, 1..50.
	// Zero means 4.
	Blocks int
	// Vehicles, Cyclists and Pedestrians are how many of them there are, 0..5000 each.
	Vehicles, Cyclists, Pedestrians int
	// Noise is the standard deviation of measured positions, in m, 0..20. Errors of
	// speed and heading grow with it.
	Noise float64
	// Horizon is how far ahead collisions are predicted, up to 10 s. Zero means 3 s.
	Horizon time.Duration
	// Latitude and Longitude are the south-western corner, in degrees. Both zero
	// means a place in Turin.
	Latitude, Longitude float64
}

// Default is a town that is busy and still easy to look at.
func Default() Config {
	return Config{Seed: 1, Blocks: 4, Vehicles: 64, Cyclists: 20, Pedestrians: 30, Noise: 0.2}
}

func (c Config) withDefaults() Config {
	if c.Blocks == 0 {
		c.Blocks = 4
	}
	if c.Horizon == 0 {
		c.Horizon = 3 * time.Second
	}
	if c.Latitude == 0 && c.Longitude == 0 {
		c.Latitude, c.Longitude = 45.0688, 7.6842
	}
	c.Blocks = min(max(c.Blocks, 1), 50)
	c.Horizon = min(max(c.Horizon, time.Millisecond), 10*time.Second)
	c.Noise = min(max(c.Noise, 0), 20)
	for _, n := range []*int{&c.Vehicles, &c.Cyclists, &c.Pedestrians} {
		*n = min(max(*n, 0), 5000)
	}
	return c
}

// World is a town at one moment. It must be used by one goroutine at a time.
type World struct {
	cfg    Config
	now    time.Duration // since the world began
	movers []*mover      // in the order of their ids
	sorted []*mover      // the same, from west to east
	// What people do and how they are measured are drawn from two sources, so that the
	// town does not go another way when nobody looks, or with other noise.
	choice, noise *rand.Rand
}

// New makes a world. A number that is out of its range is taken to the nearest end.
func New(cfg Config) *World {
	w := &World{
		cfg:    cfg.withDefaults(),
		choice: rand.New(rand.NewPCG(cfg.Seed, 1)),
		noise:  rand.New(rand.NewPCG(cfg.Seed, 2)),
	}
	for i := range w.cfg.Vehicles {
		kind := &car
		if i%12 == 11 {
			kind = &bus
		}
		w.settle(kind, 1001+i, 0)
	}
	for i := range w.cfg.Cyclists {
		w.settle(&cyclist, 7001+i, 0)
	}
	for i := range w.cfg.Pedestrians {
		w.settle(&pedestrian, camera, 1+i)
	}
	w.sorted = slices.Clone(w.movers)
	w.sort()
	return w
}

// Now returns how much time has passed in the world.
func (w *World) Now() time.Duration { return w.now }

// Step lets time pass, at most a second at once.
func (w *World) Step(dt time.Duration) {
	dt = min(max(dt, 0), time.Second)
	seconds := dt.Seconds()
	// Everybody decides by what they see at the beginning of the step.
	for _, m := range w.movers {
		m.acceleration = w.decide(m)
	}
	for _, m := range w.movers {
		w.move(m, seconds)
	}
	w.now += dt
	w.sort()
}

func (w *World) sort() {
	slices.SortFunc(w.sorted, func(a, b *mover) int {
		return cmp.Or(cmp.Compare(a.at.x, b.at.x), cmp.Compare(a.station, b.station), cmp.Compare(a.object, b.object))
	})
}

// near calls f for everybody within about the given distance of m.
func (w *World) near(m *mover, distance float64, f func(*mover)) {
	first, _ := slices.BinarySearchFunc(w.sorted, m.at.x-distance, func(o *mover, x float64) int {
		return cmp.Compare(o.at.x, x)
	})
	for _, o := range w.sorted[first:] {
		if o.at.x > m.at.x+distance {
			return
		}
		if o != m && math.Abs(o.at.y-m.at.y) <= distance {
			f(o)
		}
	}
}
