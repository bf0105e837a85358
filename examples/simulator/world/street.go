package world

import (
	"math"
	"time"
)

// block is the distance of two junctions, in m.
const block = 110.0

// vector is a place or a velocity: m or m/s, to the east and to the north.
type vector struct{ x, y float64 }

func (a vector) plus(b vector) vector      { return vector{a.x + b.x, a.y + b.y} }
func (a vector) minus(b vector) vector     { return vector{a.x - b.x, a.y - b.y} }
func (a vector) times(f float64) vector    { return vector{a.x * f, a.y * f} }
func (a vector) dot(b vector) float64      { return a.x*b.x + a.y*b.y }
func (a vector) length() float64           { return math.Hypot(a.x, a.y) }
func (a vector) distance(b vector) float64 { return a.minus(b).length() }

// direction is where a street leads: 0 north, 1 east, 2 south, 3 west.
type direction int

func (d direction) vector() vector {
	return [4]vector{{0, 1}, {1, 0}, {0, -1}, {-1, 0}}[d]
}

// right is the vector to the right hand side.
func (d direction) right() vector { return ((d + 1) % 4).vector() }

// junction counts from the south-western corner.
type junction struct{ column, row int }

func (j junction) place() vector { return vector{float64(j.column) * block, float64(j.row) * block} }

func (j junction) next(d direction) junction {
	v := d.vector()
	return junction{j.column + int(v.x), j.row + int(v.y)}
}

// in reports whether the junction is part of a town of that size.
func (j junction) in(blocks int) bool {
	return j.column >= 0 && j.row >= 0 && j.column <= blocks && j.row <= blocks
}

// The lights of a junction: a while green for one street, then for the other, and
// red for both in between.
const (
	cycle = 26 * time.Second
	green = 10 * time.Second
)

// green reports whether who comes in direction d may pass at the time now.
func (j junction) green(d direction, now time.Duration) bool {
	shift := time.Duration(j.column*7+j.row*11) * time.Second
	if d%2 == 1 {
		shift += cycle / 2
	}
	return (now+shift)%cycle < green
}

// Point is a place in degrees.
type Point struct{ Latitude, Longitude float64 }

const metresPerDegree = 111320.0

func (w *World) point(at vector) Point {
	latitude := w.cfg.Latitude + at.y/metresPerDegree
	return Point{latitude, w.cfg.Longitude + at.x/(metresPerDegree*math.Cos(w.cfg.Latitude*math.Pi/180))}
}

// Streets returns the two ends of every street.
func (w *World) Streets() [][2]Point {
	var streets [][2]Point
	far := float64(w.cfg.Blocks) * block
	for i := range w.cfg.Blocks + 1 {
		here := float64(i) * block
		streets = append(streets,
			[2]Point{w.point(vector{0, here}), w.point(vector{far, here})},
			[2]Point{w.point(vector{here, 0}), w.point(vector{here, far})})
	}
	return streets
}
