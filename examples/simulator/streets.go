package main

import (
	"encoding/json"
	"io"

	"github.com/step-its/producer/examples/simulator/world"
)

// printStreets writes the streets of the town as GeoJSON (RFC 7946), for maps.
func printStreets(cfg world.Config, out io.Writer) error {
	var lines [][2][2]float64
	for _, s := range world.New(cfg).Streets() {
		lines = append(lines, [2][2]float64{{s[0].Longitude, s[0].Latitude}, {s[1].Longitude, s[1].Latitude}})
	}
	return json.NewEncoder(out).Encode(struct {
		Type        string          `json:"type"`
		Coordinates [][2][2]float64 `json:"coordinates"`
	}{"MultiLineString", lines})
}
