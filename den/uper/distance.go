package uper

import "github.com/step-its/producer/den"

// distances is the first distance, in m, that is too long for each class of
// RelevanceDistance (TS 102 894-2). The last class is everything above.
var distances = [...]uint32{50, 100, 200, 500, 1000, 5000, 10000}

// distanceClass returns the smallest class that covers a distance.
func distanceClass(m den.Optional[uint32]) (class den.Optional[uint8]) {
	class.Valid = m.Valid
	for m.Valid && int(class.Value) < len(distances) && m.Value >= distances[class.Value] {
		class.Value++
	}
	return class
}

// distanceOf returns the longest distance of a class, in whole meters, so that it
// is of that class again. Of the class without an end it is the shortest.
func distanceOf(class den.Optional[uint8]) den.Optional[uint32] {
	switch {
	case !class.Valid:
		return den.Optional[uint32]{}
	case int(class.Value) < len(distances):
		return den.Some(distances[class.Value] - 1)
	}
	return den.Some(distances[len(distances)-1])
}
