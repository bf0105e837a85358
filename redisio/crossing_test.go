package redisio_test

import (
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// Traffic that crosses: k stations in a row are each about to collide with the same k that
// cross their way. Where k is 1 no station is in two arrays.

// livePairs returns n arrays of k pairs each, of 1000 pairs that come again and again. Each
// time they are a millisecond later, and all stations have moved.
func livePairs(detected den.Timestamp, k, n int) [][]byte {
	return crossing(detected, k, n, func(int, []den.StationID) {})
}

// mixedPairs returns n arrays of k pairs each: of 1000 pairs that are alive, and in
// every twentieth array a new one.
func mixedPairs(k, n int) [][]byte {
	return crossing(soon(), k, n, func(i int, targets []den.StationID) {
		if i%20 == 0 {
			targets[0] = den.StationID(100_000 + i%40_000)
		}
	})
}

// crossing returns n arrays, of whose targets change may exchange some.
func crossing(detected den.Timestamp, k, n int, change func(i int, targets []den.StationID)) [][]byte {
	messages := make([][]byte, n)
	targets := make([]den.StationID, k)
	for i := range messages {
		round, reference := i/(1000/k), i%(1000/k)
		for j := range targets {
			targets[j] = den.StationID(10_000 + reference/k*k + j)
		}
		change(i, targets)
		c := dentest.Collisions(detected.Add(time.Duration(round)*time.Millisecond), den.StationID(reference), targets...)
		for j := range c.Stations {
			move(&c.Stations[j], round)
		}
		messages[i] = dentest.Event(c, nil)
	}
	return messages
}

// move brings a station to where it is that time: hardly two are alike.
func move(s *den.StationCollision, round int) {
	way := int(s.StationID)%1000 + round
	s.Position.Latitude += den.Latitude(131 * way)
	s.Position.Longitude += den.Longitude(71 * way)
	s.Speed.Value += uint16(way % 300)
	s.Heading.Value += uint16(way % 90)
	s.EstimatedBrakingDistance.Value += uint16(way % 60)
	if s.TimeToCollision.Valid {
		s.TimeToCollision.Value += uint16(way % 900)
		s.CollisionLatitude.Value += den.Latitude(131 * way)
		s.CollisionLongitude.Value += den.Longitude(71 * way)
	}
}
