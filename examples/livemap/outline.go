package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/step-its/producer/examples/simulator/world"
)

// street is a line that the page draws under the warnings: latitude and longitude of
// each of its points.
type street [][2]float64

// outlineOf returns the streets of a town.
func outlineOf(ends [][2]world.Point) []street {
	var streets []street
	for _, s := range ends {
		streets = append(streets, street{{s[0].Latitude, s[0].Longitude}, {s[1].Latitude, s[1].Longitude}})
	}
	return streets
}

// mostOutline bounds the file, which every page gets as a whole.
const mostOutline = 8 << 20

// readOutline reads the lines of a GeoJSON file (RFC 7946). An empty path is no streets.
func readOutline(path string) ([]street, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, mostOutline+1))
	if err != nil {
		return nil, err
	}
	if len(text) > mostOutline {
		return nil, fmt.Errorf("%s has more than %d MiB", path, mostOutline>>20)
	}
	streets, err := parseOutline(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return streets, nil
}

// geoJSON is what is looked at of any GeoJSON object.
type geoJSON struct {
	Type        string          `json:"type"`
	Features    []geoJSON       `json:"features"`
	Geometry    *geoJSON        `json:"geometry"`
	Geometries  []geoJSON       `json:"geometries"`
	Coordinates json.RawMessage `json:"coordinates"`
}

func parseOutline(text []byte) ([]street, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors put it in front
	var object geoJSON
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, err
	}
	streets, err := object.lines(nil)
	if err == nil && len(streets) == 0 {
		err = errors.New("there is no LineString in it")
	}
	return streets, err
}

// lines appends the lines of the object to streets. Points and areas are passed over.
func (g *geoJSON) lines(streets []street) ([]street, error) {
	var err error
	for _, part := range append(g.Features, g.Geometries...) {
		if streets, err = part.lines(streets); err != nil {
			return nil, err
		}
	}
	if g.Geometry != nil {
		return g.Geometry.lines(streets)
	}
	var lines [][][]float64
	switch g.Type {
	case "LineString":
		lines = make([][][]float64, 1)
		err = json.Unmarshal(g.Coordinates, &lines[0])
	case "MultiLineString":
		err = json.Unmarshal(g.Coordinates, &lines)
	}
	if err != nil {
		return nil, fmt.Errorf("a %s: %w", g.Type, err)
	}
	for _, line := range lines {
		var s street
		for _, point := range line { // longitude, latitude, and perhaps the altitude
			if len(point) < 2 || point[0] < -180 || point[0] > 180 || point[1] < -90 || point[1] > 90 {
				return nil, fmt.Errorf("a %s: %v is no position", g.Type, point)
			}
			s = append(s, [2]float64{point[1], point[0]})
		}
		if len(s) > 1 {
			streets = append(streets, s)
		}
	}
	return streets, nil
}
