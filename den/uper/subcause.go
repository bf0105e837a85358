package uper

import (
	"math"

	"github.com/step-its/producer/den"
)

// The sub causes of collisionRisk, 97 (TS 102 894-2). Those from 5 on are of
// release 2.
const (
	CollisionUnavailable        = 0
	CollisionLongitudinal       = 1 // rear-end or head-on
	CollisionCrossing           = 2
	CollisionLateral            = 3 // side by side
	CollisionVulnerableRoadUser = 4
	CollisionWithPedestrian     = 5
	CollisionWithCyclist        = 6
	CollisionWithMotorVehicle   = 7
)

// How directions of movement are told apart, in degrees: two that differ by less
// than parallel are the same, by more than 180 minus that opposite, and crossing
// otherwise. Of two parties on the same or opposite ways, one is beside the other
// when it is seen under more than that to the left or the right of the way.
const parallel = 45.0

// SubCause returns the sub cause of a predicted collision, as far as it can be
// told: CollisionUnavailable for every other kind of event.
//
// The other party decides where it is known: a pedestrian, a cyclist, a light
// vehicle of the same kind, an animal, a moped or a motorcycle is a vulnerable road
// user; release 2 names pedestrians and cyclists. Otherwise the directions of
// movement decide: more than 45 degrees apart, they cross; else it is lateral where
// the other party is seen more than 45 degrees off the way, ahead or behind, of the
// reference, and longitudinal where it is not. Release 2 falls back on
// CollisionWithMotorVehicle where only that is known.
func SubCause(d *den.DENM, r Release, other den.TrafficParticipantType) uint8 {
	if d == nil || !d.Situation.Valid || d.Situation.Value.EventType != den.CauseCollisionRisk {
		return CollisionUnavailable
	}
	switch other {
	case den.TypePedestrian:
		if r == R2 {
			return CollisionWithPedestrian
		}
		return CollisionVulnerableRoadUser
	case den.TypeCyclist, den.TypeLightVruVehicle:
		if r == R2 {
			return CollisionWithCyclist
		}
		return CollisionVulnerableRoadUser
	case den.TypeAnimal, den.TypeMoped, den.TypeMotorcycle:
		return CollisionVulnerableRoadUser
	}
	if s := subCauseOfWays(d); s != CollisionUnavailable {
		return s
	}
	if r == R2 && other != den.TypeUnknown && other < den.TypeRoadSideUnit {
		return CollisionWithMotorVehicle
	}
	return CollisionUnavailable
}

// subCauseOfWays compares the directions in which the two parties move.
func subCauseOfWays(d *den.DENM) uint8 {
	reference, ok := degrees(d.Location.Value.EventPositionHeading)
	target, ok2 := degrees(d.PreCrash.Value.PerceivedObject.Heading)
	if !d.Location.Valid || !d.PreCrash.Valid || !ok || !ok2 {
		return CollisionUnavailable
	}
	if apart := between180(reference - target); apart > parallel && apart < 180-parallel {
		return CollisionCrossing
	}
	from, to := d.Management.EventPosition, d.PreCrash.Value.PerceivedObject.Position
	if from.Latitude == to.Latitude && from.Longitude == to.Longitude {
		return CollisionLongitudinal
	}
	f := frameAt(placeOf(int32(from.Latitude), int32(from.Longitude), 0))
	way := f.offset(placeOf(int32(to.Latitude), int32(to.Longitude), 0))
	seen := between180(math.Atan2(way.x, way.y)*180/math.Pi - reference)
	if seen > parallel && seen < 180-parallel {
		return CollisionLateral
	}
	return CollisionLongitudinal
}

// degrees returns a heading that is known.
func degrees(h den.Optional[den.Heading]) (float64, bool) {
	return float64(h.Value.Value) / 10, h.Valid && h.Value.Value < den.UnavailableHeading
}

// between180 returns the angle between two directions, 0..180, from their
// difference.
func between180(difference float64) float64 {
	return math.Abs(math.Remainder(difference, 360))
}
