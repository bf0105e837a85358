// Package testdata holds recorded input for tests and for the demonstration.
//
// urban-grid.jsonl is 400 collision arrays, one a line, recorded from a traffic
// simulation: SUMO 1.15, a grid of 6 by 6 streets, 41 seconds; predictions by
// the closest approach at constant velocity, up to 3 seconds ahead, 10 times a
// second. Positions lie in Turin, the vehicles are invented.
//
// The folders beside it belong to single tests, which say in their files what
// they hold.
package testdata

import _ "embed"

// UrbanGrid is the file urban-grid.jsonl.
//
//go:embed urban-grid.jsonl
var UrbanGrid []byte
