package world

import (
	"math"

	"github.com/step-its/producer/den"
)

// sighting is what a sensor tells of somebody.
type sighting struct {
	*mover
	at, velocity vector
}

// encounter is a predicted collision: with whom, when, and where.
type encounter struct {
	with    *sighting
	seconds float64
	place   vector
}

// approach returns in how many seconds two come nearest to each other when both go
// on as they do, and how far apart they are then. The time is 0 where they do not
// come nearer.
func approach(at, velocity, otherAt, otherVelocity vector) (seconds, apart float64) {
	between, closing := otherAt.minus(at), otherVelocity.minus(velocity)
	speed := closing.dot(closing)
	if speed < 1e-9 {
		return 0, between.length()
	}
	seconds = max(-between.dot(closing)/speed, 0)
	return seconds, between.plus(closing.times(seconds)).length()
}

// mostTargets bounds the stations of one array beside its reference.
const mostTargets = 8

// Predict looks at everybody and returns an array for each of them who is about to
// collide with others, as detected at the given time. Of a pair, the one with the
// lower id is the reference. The caller owns the arrays.
func (w *World) Predict(at den.Timestamp) []*den.StationCollisions {
	seen := make(map[*mover]*sighting, len(w.movers))
	for _, m := range w.movers { // in their order, so that the noise is the same every time
		seen[m] = w.look(m)
	}
	reach := w.cfg.Horizon.Seconds()*30 + 5*w.cfg.Noise + 1
	var arrays []*den.StationCollisions
	for _, m := range w.movers {
		reference := seen[m]
		var meets []encounter
		w.near(m, reach, func(o *mover) {
			if o.station < m.station || o.station == m.station && o.object < m.object || len(meets) == mostTargets {
				return
			}
			if e, ok := w.meet(reference, seen[o]); ok {
				meets = append(meets, e)
			}
		})
		if len(meets) == 0 {
			continue
		}
		array := &den.StationCollisions{DetectionTime: at, Stations: []den.StationCollision{w.station(reference, at)}}
		for _, e := range meets {
			array.Stations = append(array.Stations, w.target(reference, e, at))
		}
		arrays = append(arrays, array)
	}
	return arrays
}

// look measures somebody, with the errors that sensors make.
func (w *World) look(m *mover) *sighting {
	miss := func() float64 { return w.cfg.Noise * w.noise.NormFloat64() }
	at := m.at.plus(vector{miss(), miss()})
	along, aside := miss()/4, miss()/8*min(m.speed/5, 1)
	velocity := m.heading.vector().times(max(m.speed+along, 0))
	return &sighting{m, at, velocity.plus(m.heading.right().times(aside))}
}

// meet reports whether the two are on collision course.
func (w *World) meet(a, b *sighting) (encounter, bool) {
	seconds, apart := approach(a.at, a.velocity, b.at, b.velocity)
	closing := a.velocity.distance(b.velocity)
	if seconds <= 0 || seconds > w.cfg.Horizon.Seconds() || closing < 1 || apart > a.radius()+b.radius() {
		return encounter{}, false
	}
	here, there := a.at.plus(a.velocity.times(seconds)), b.at.plus(b.velocity.times(seconds))
	return encounter{b, seconds, here.plus(there).times(0.5)}, true
}

// station says what is known of somebody.
func (w *World) station(s *sighting, at den.Timestamp) den.StationCollision {
	p := w.point(s.at)
	position := den.PositionAt(den.LatitudeFromDegrees(p.Latitude), den.LongitudeFromDegrees(p.Longitude))
	axis := uint16(min(max(w.cfg.Noise*245, 1), 4093)) // 95 % of the errors, in cm
	position.PositionConfidence = den.PositionConfidenceEllipse{SemiMajorAxisLength: axis, SemiMinorAxisLength: axis}
	speed := s.velocity.length()
	confidence := uint8(min(max(w.cfg.Noise*50, 1), 125))
	station := den.StationCollision{
		StationID: den.StationID(s.mover.station), StationType: s.typ,
		MeasurementTime: den.Some(at), Position: position,
		Speed:            den.Speed{Value: uint16(math.Round(speed * 100)), Confidence: den.Some(confidence)},
		Heading:          den.Heading{Value: s.bearing(), Confidence: den.Some(confidence)},
		ObjectDimensionX: dimension(s.length), ObjectDimensionY: dimension(s.width), ObjectDimensionZ: dimension(s.height),
		ObjectPerceptionQuality:  den.Some[uint8](12),
		EstimatedBrakingDistance: den.Some(uint16(min(speed*speed/(2*s.stop)*10, 4095))),
	}
	if s.object != 0 {
		station.ObjectID = den.Some(den.ObjectID(s.object))
	}
	return station
}

// target says what is known of somebody and of the collision with the reference.
func (w *World) target(reference *sighting, e encounter, at den.Timestamp) den.StationCollision {
	station := w.station(e.with, at)
	p := w.point(e.place)
	station.TimeToCollision = den.Some(uint16(max(math.Round(e.seconds*1000), 1)))
	station.CollisionLatitude = den.Some(den.LatitudeFromDegrees(p.Latitude))
	station.CollisionLongitude = den.Some(den.LongitudeFromDegrees(p.Longitude))
	station.ImpactSection = den.Some(e.with.face(reference))
	return station
}

func dimension(metres float64) den.Optional[den.ObjectDimension] {
	return den.Some(den.ObjectDimension{Value: uint16(math.Round(metres * 10)), Confidence: den.Some[uint8](2)})
}

// bearing is the measured heading, in 0.1 degrees from north. Who stands looks where
// the street leads.
func (s *sighting) bearing() uint16 {
	v := s.velocity
	if v.length() < 0.1 {
		v = s.heading.vector()
	}
	tenths := math.Round(math.Atan2(v.x, v.y) * 1800 / math.Pi)
	return uint16(int(tenths+3600) % 3600)
}

// face is the side of s that the other one comes from.
func (s *sighting) face(other *sighting) den.ObjectFace {
	from := other.velocity.minus(s.velocity).times(-1)
	angle := math.Atan2(from.dot(s.heading.right()), from.dot(s.heading.vector())) * 180 / math.Pi
	switch {
	case math.Abs(angle) <= 45:
		return den.FaceFront
	case math.Abs(angle) >= 135:
		return den.FaceBack
	case angle > 90:
		return den.FaceSideRightBack
	case angle > 0:
		return den.FaceSideRightFront
	case angle < -90:
		return den.FaceSideLeftBack
	default:
		return den.FaceSideLeftFront
	}
}
