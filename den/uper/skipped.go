package uper

import "strings"

// Skipped says what Unmarshal met in a message and passed over, because this
// package does not keep it. It is a set; the zero Skipped says that everything
// was kept.
type Skipped uint16

// What can be passed over. The containers are meant as a whole: an addition of a
// later version of ETSI's documents, to the container or to a part of it.
const (
	SkippedManagement Skipped = 1 << iota
	SkippedSituation          // such as eventEndFactor and perceivedEvent (TS 103 831 V2.3.1)
	SkippedLocation           // such as lanePositions or predictedPaths (TS 103 831 V2.2.1)
	SkippedAlacarte
	SkippedCauseCode
	SkippedRoadWorks
	SkippedStationaryVehicle
	SkippedPreCrash
	// SkippedRoadConfiguration means that there was a roadConfiguration. The
	// preCrash of such a message is lost with it: it comes behind it, and has no
	// length of its own.
	SkippedRoadConfiguration
	// SkippedSensing means that the perceived object of preCrash had correlation
	// matrices, sensor ids or a map position.
	SkippedSensing
)

var skippedNames = [...]string{
	"management", "situation", "location", "alacarte", "causeCode", "roadWorks",
	"stationaryVehicle", "preCrash", "roadConfiguration", "sensing",
}

// String lists what was passed over, such as "location, alacarte", or is empty.
func (s Skipped) String() string {
	var names []string
	for i, name := range skippedNames {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
