package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseOutline(t *testing.T) {
	got, err := parseOutline([]byte(`{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"name":"a"},"geometry":{"type":"LineString","coordinates":[[7.6,45.1],[7.7,45.2,240]]}},
		{"type":"Feature","geometry":{"type":"Point","coordinates":[7.6,45.1]}},
		{"type":"Feature","geometry":null},
		{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[
			{"type":"MultiLineString","coordinates":[[[1,2],[3,4],[5,6]],[[7,8]]]}]}}]}`))
	want := []street{{{45.1, 7.6}, {45.2, 7.7}}, {{2, 1}, {4, 3}, {6, 5}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestByteOrderMark(t *testing.T) {
	got, err := parseOutline([]byte("\ufeff" + `{"type":"LineString","coordinates":[[7.6,45.1],[7.7,45.2]]}`))
	if err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestReadOutlineFails(t *testing.T) {
	for name, text := range map[string]string{
		"not_JSON":      `{`,
		"no_line":       `{"type":"Point","coordinates":[7,45]}`,
		"not_a_place":   `{"type":"LineString","coordinates":[[7,45],[7,95]]}`,
		"half_a_place":  `{"type":"LineString","coordinates":[[7,45],[7]]}`,
		"wrong_numbers": `{"type":"LineString","coordinates":[["a","b"]]}`,
		"too_large":     string(make([]byte, mostOutline+1)),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "streets.geojson")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if streets, err := readOutline(path); err == nil {
				t.Errorf("got %v, want an error", streets)
			}
		})
	}
	if _, err := readOutline("nowhere"); err == nil {
		t.Error("a file that is not there is no error")
	}
}

func FuzzOutline(f *testing.F) {
	f.Add([]byte(`{"type":"LineString","coordinates":[[7.6,45.1],[7.7,45.2]]}`))
	f.Add([]byte(`{"type":"GeometryCollection","geometries":[{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		streets, err := parseOutline(text)
		if (err == nil) == (len(streets) == 0) {
			t.Errorf("%v and the error %v", streets, err)
		}
		for _, s := range streets {
			for _, p := range s {
				if !(p[0] >= -90 && p[0] <= 90 && p[1] >= -180 && p[1] <= 180) {
					t.Errorf("%v is no place", p)
				}
			}
		}
	})
}
