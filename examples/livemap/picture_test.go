package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPictures takes pictures of the demonstration in three sizes and both themes. With
// -update the one for the README is kept; LIVEMAP_PICTURES names a folder for all.
func TestPictures(t *testing.T) {
	b := openBrowser(t)
	s := startDemo(t)
	for _, size := range []struct {
		name          string
		width, height int64
		scheme        string
	}{
		{"phone", 390, 844, "light"},
		{"laptop", 1280, 800, "dark"},
		{"wall", 2560, 1440, "dark"},
		{"laptop_light", 1280, 800, "light"},
	} {
		t.Run(size.name, func(t *testing.T) {
			b.t = t
			b.open(s.addr, size.width, size.height, size.scheme)
			b.await(`livemap.drawn().some((w) => w.level === "now") && livemap.drawn().length >= 4 && livemap.ended() >= 3`)
			if *update && size.name == "laptop" {
				// A moment at which there is something of everything.
				b.await(`livemap.ended() >= 10 && livemap.drawn().length >= 5 && document.getElementById("nearest-number").textContent >= "0.3" && new Set(livemap.drawn().map((w) => w.level)).size === 3`)
			}
			picture := result(b, chromedp.CaptureScreenshot())
			b.wantNoComplaints()
			if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > size.width {
				t.Errorf("the page is %d wide in a window of %d", wide, size.width)
			}
			if scheme := eval[string](b, `getComputedStyle(document.documentElement).colorScheme`); scheme != size.scheme {
				t.Errorf("the page is %s, want %s", scheme, size.scheme)
			}
			if folder := os.Getenv("LIVEMAP_PICTURES"); folder != "" {
				keep(t, filepath.Join(folder, size.name+".png"), picture)
			}
			if *update && size.name == "laptop" {
				keep(t, "testdata/livemap.png", picture)
			}
			if len(picture) > 300<<10 && size.width == 1280 {
				t.Errorf("the picture has %d bytes", len(picture))
			}
		})
	}
	b.t = t
	b.wantOnly(s.addr)
}

func keep(t *testing.T, path string, picture []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
