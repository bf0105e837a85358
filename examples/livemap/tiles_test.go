package main

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Tiles come from the server that was named, and the policy of the page lets that be.
func TestTiles(t *testing.T) {
	b := openBrowser(t)
	var tile bytes.Buffer
	if err := png.Encode(&tile, image.NewGray(image.Rect(0, 0, 256, 256))); err != nil {
		t.Fatal(err)
	}
	tiles := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(tile.Bytes())
	}))
	defer tiles.Close()
	other := httptest.NewServer(tiles.Config.Handler)
	defer other.Close()
	s := startSite(t, "127.0.0.1:0", site{tiles: tiles.URL + "/{z}/{x}/{y}.png", attribution: "© <b>somebody</b>"})
	b.open(s.addr, 1280, 800, "dark")
	told := script{hub: s.hub}
	told.say(someEvent(1))
	b.await(`[...document.querySelectorAll("img.leaflet-tile")].some((tile) => tile.complete && tile.naturalWidth === 256)`)
	b.await(`document.querySelector(".leaflet-control-attribution").textContent === "© <b>somebody</b>"`)
	b.wantNoComplaints()
	// No other server is let in.
	eval[string](b, `(document.body.appendChild(new Image()).src = "`+other.URL+`/1.png")`)
	b.await(`document.body.lastChild.complete`)
	if complaints := b.complaints(); !strings.Contains(complaints, "Content Security Policy") {
		t.Errorf("an image of another server is let in: %q", complaints)
	}
}
