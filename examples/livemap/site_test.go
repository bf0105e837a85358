package main

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

// running is a site that serves, until it is stopped or the test ends.
type running struct {
	hub  *hub
	addr string
	stop func()
}

// startSite serves at the address, which may be that of a site that was stopped.
func startSite(t testing.TB, addr string, s site) *running {
	t.Helper()
	if s.hub == nil {
		s.hub = newHub(quiet)
		s.hub.begin(entryID{ms: uint64(time.Now().UnixMilli()) - 1}, nil)
		s.hub.connect(true)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx, listener) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the site: %v", err)
		}
	})
	t.Cleanup(stop)
	return &running{s.hub, listener.Addr().String(), stop}
}

// A scripted is an event that a test tells of.
type scripted struct {
	number    uint16
	at        place   // of the predicted collision
	distance  float64 // of the reference from it, in m
	heading   float64 // of the reference, in degrees
	speed     float64 // of both, in m/s
	crossing  float64 // how much the target's heading differs
	targetIs  den.StationID
	ofStation den.StationID
}

// denm is what there is to say of the event at this time.
func (s scripted) denm(now time.Time) *den.DENM {
	at := func(heading, metres float64) den.ReferencePosition {
		angle := heading * math.Pi / 180
		return den.PositionAt(
			den.LatitudeFromDegrees(s.at.Latitude-math.Cos(angle)*metres/111320),
			den.LongitudeFromDegrees(s.at.Longitude-math.Sin(angle)*metres/(111320*math.Cos(s.at.Latitude*math.Pi/180))))
	}
	speed := den.Some(den.Speed{Value: uint16(s.speed * 100)})
	heading := func(degrees float64) den.Optional[den.Heading] {
		return den.Some(den.Heading{Value: uint16(math.Mod(degrees+360, 360) * 10)})
	}
	stamp := den.TimestampOf(now)
	return &den.DENM{
		StationID: 3000001,
		Management: den.Management{
			ActionID:      den.ActionID{OriginatingStationID: 3000001, SequenceNumber: s.number},
			DetectionTime: stamp, ReferenceTime: stamp,
			EventPosition:      at(s.heading, s.distance),
			ValidityDuration:   den.Some[uint32](8),
			ReferenceStationID: den.Some(s.ofStation),
		},
		Location: den.Some(den.Location{EventSpeed: speed, EventPositionHeading: heading(s.heading)}),
		PreCrash: den.Some(den.PreCrash{
			PerceivedObject: den.PerceivedObject{
				Position: at(s.heading+s.crossing, s.distance), Speed: speed, Heading: heading(s.heading + s.crossing),
			},
			StationIDInvolved:           den.Some(s.targetIs),
			TimeToCollision:             den.Some(uint16(max(s.distance/s.speed*1000, 1))),
			EstimatedCollisionLatitude:  den.Some(den.LatitudeFromDegrees(s.at.Latitude)),
			EstimatedCollisionLongitude: den.Some(den.LongitudeFromDegrees(s.at.Longitude)),
		}),
	}
}

// someEvent is an event that differs from others by its number.
func someEvent(number uint16) scripted {
	return scripted{
		number: number, at: place{45.07, 7.68}, distance: 20, speed: 10, crossing: 90,
		ofStation: 1000 + den.StationID(number), targetIs: 2000 + den.StationID(number),
	}
}

// newID returns the id of an entry that comes now, after the one before.
func newID(last *entryID) entryID {
	if now := uint64(time.Now().UnixMilli()); now > last.ms {
		*last = entryID{ms: now}
	} else {
		last.seq++
	}
	return *last
}

func get(t *testing.T, url, host string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		request.Host = host
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// The page and what it is made of have no script and no style inside, which the policy
// would not let work, and name no place outside.
func TestPageIsSelfContained(t *testing.T) {
	s := startSite(t, "127.0.0.1:0", site{})
	_, page := get(t, "http://"+s.addr+"/", "")
	for _, wrong := range []string{"style=", "onclick", "<style", "javascript:", "//cdn"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page has %q in it", wrong)
		}
	}
	if !strings.Contains(page, `src="js/main.js"`) {
		t.Error("this is not the page")
	}
}

func TestUnchangedFilesAreNotSentAgain(t *testing.T) {
	s := startSite(t, "127.0.0.1:0", site{})
	first, _ := get(t, "http://"+s.addr+"/js/main.js", "")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.addr+"/js/main.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("If-None-Match", first.Header.Get("ETag"))
	second, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	second.Body.Close()
	if first.StatusCode != http.StatusOK || second.StatusCode != http.StatusNotModified {
		t.Errorf("got %d and then %d, want 200 and 304", first.StatusCode, second.StatusCode)
	}
}

func TestNoListing(t *testing.T) {
	s := startSite(t, "127.0.0.1:0", site{})
	for path, want := range map[string]int{"/": 200, "/js/": 404, "/js": 404, "/vendor/leaflet/": 404, "/js/../": 200} {
		if answer, text := get(t, "http://"+s.addr+path, ""); answer.StatusCode != want || strings.Contains(text, "main.js</a>") {
			t.Errorf("%s: %d, want %d: %s", path, answer.StatusCode, want, text)
		}
	}
}
