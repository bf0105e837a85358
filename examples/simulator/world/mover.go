package world

import (
	"math"
	"time"

	"github.com/step-its/producer/den"
)

// camera is the station that sees the pedestrians: they are its objects.
const camera = 9001

// kind is what all of one sort of traffic have in common.
type kind struct {
	typ                   den.TrafficParticipantType
	length, width, height float64 // m
	lane                  float64 // from the middle of the street to the right, m
	cruise, corner        float64 // usual speed, and that in a turn, m/s
	pickUp, brake, stop   float64 // speeding up, slowing down and braking hard, m/s²
	careless              float64 // how often they do not heed the lights, 0..1
	line                  float64 // where they wait, before the middle of the junction, m
}

var (
	car        = kind{den.TypePassengerCar, 4.4, 1.8, 1.5, 1.75, 12, 5, 2, 3, 8, 0.07, 11}
	bus        = kind{den.TypeBus, 12, 2.5, 3.1, 1.75, 10, 4, 1.2, 2, 5, 0.02, 11}
	cyclist    = kind{den.TypeCyclist, 1.8, 0.6, 1.8, 4.2, 5, 3, 1, 2, 4, 0.2, 11}
	pedestrian = kind{den.TypePedestrian, 0.5, 0.5, 1.7, 7, 1.4, 1.4, 1, 2, 3, 0.25, 9}
)

// mover is one vehicle, cyclist or pedestrian.
type mover struct {
	*kind
	station, object int
	cruise          float64
	at              vector
	speed           float64
	heading         direction
	acceleration    float64
	to              junction  // the junction ahead
	turn            direction // where to go from there
	careless        bool      // does not heed the light of the junction ahead
	stood           time.Duration
}

func (m *mover) velocity() vector { return m.heading.vector().times(m.speed) }

// radius is how near another one may come to the middle of m, in m.
func (m *mover) radius() float64 { return m.width/2 + 0.1 }

// settle puts somebody new on a street.
func (w *World) settle(k *kind, station, object int) {
	m := &mover{kind: k, station: station, object: object}
	m.cruise = k.cruise * (0.8 + 0.4*w.choice.Float64())
	from := junction{w.choice.IntN(w.cfg.Blocks + 1), w.choice.IntN(w.cfg.Blocks + 1)}
	m.to, m.heading = from, direction(w.choice.IntN(4))
	w.enter(m)
	m.heading = m.turn
	m.at = from.place().plus(m.heading.right().times(k.lane)).plus(m.heading.vector().times(15 + w.choice.Float64()*(block-30)))
	m.to = from.next(m.heading)
	m.speed = m.cruise
	w.enter(m)
	w.movers = append(w.movers, m)
}

// enter chooses what m will do at the junction ahead: mostly go straight on, never
// back.
func (w *World) enter(m *mover) {
	var ways []direction
	for _, turn := range []direction{0, 0, 0, 1, 3} {
		if d := (m.heading + turn) % 4; m.to.next(d).in(w.cfg.Blocks) {
			ways = append(ways, d)
		}
	}
	m.turn = ways[w.choice.IntN(len(ways))]
	m.careless = w.choice.Float64() < m.kind.careless
}

// ahead returns how far it is to where m turns, or to the middle of the junction.
func (m *mover) ahead() float64 {
	corner := m.to.place()
	if m.turn != m.heading {
		corner = corner.plus(m.turn.right().times(m.lane))
	}
	return corner.minus(m.at).dot(m.heading.vector())
}

// decide returns the acceleration that m chooses.
func (w *World) decide(m *mover) float64 {
	ahead := m.ahead()
	limit := m.cruise
	if m.turn != m.heading {
		limit = min(limit, slowTo(m.corner, ahead, m.brake))
	}
	// Who is over the line when it turns red clears the junction.
	line := m.to.place().minus(m.at).dot(m.heading.vector()) - m.line
	if line > 0 && !m.careless && !m.to.green(m.heading, w.now) {
		limit = min(limit, slowTo(0, line, m.brake))
	}
	danger := false
	w.near(m, 45, func(o *mover) {
		if gap, follows := m.follows(o); follows {
			limit = min(limit, slowTo(o.speed*0.9, gap-2, m.brake))
		}
		// The one with the lower id brakes, and does not wait for ever.
		first := m.station < o.station || m.station == o.station && m.object < o.object
		if first && m.stood < 3*time.Second {
			if t, apart := approach(m.at, m.velocity(), o.at, o.velocity()); t > 0 && t < 0.9 && apart < m.radius()+o.radius()+0.3 {
				danger = true
			}
		}
	})
	if danger {
		return -m.stop
	}
	return min(max(limit-m.speed, -m.stop), m.pickUp)
}

// slowTo is the speed from which one comes down to the given one within the
// distance.
func slowTo(speed, distance, brake float64) float64 {
	return math.Sqrt(speed*speed + 2*brake*max(distance, 0))
}

// follows returns the gap to o, if o is in the same lane ahead of m.
func (m *mover) follows(o *mover) (gap float64, ok bool) {
	if o.heading != m.heading {
		return 0, false
	}
	between := o.at.minus(m.at)
	along := between.dot(m.heading.vector())
	aside := math.Abs(between.dot(m.heading.right()))
	return along - (m.length+o.length)/2, along > 0 && aside < 1
}

// move lets m go on for some seconds.
func (w *World) move(m *mover, seconds float64) {
	before := m.speed
	m.speed = max(m.speed+m.acceleration*seconds, 0)
	way := (before + m.speed) / 2 * seconds
	if m.speed < 0.3 {
		m.stood += time.Duration(seconds * float64(time.Second))
	} else {
		m.stood = 0
	}
	for way > 0 {
		ahead := m.ahead()
		if way < ahead {
			m.at = m.at.plus(m.heading.vector().times(way))
			return
		}
		m.at = m.at.plus(m.heading.vector().times(ahead))
		way -= max(ahead, 0)
		m.heading = m.turn
		m.to = m.to.next(m.heading)
		w.enter(m)
	}
}
