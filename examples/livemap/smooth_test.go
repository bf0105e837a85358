package main

import (
	"strconv"
	"testing"
	"time"
)

func number(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

type times struct {
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	P99    float64 `json:"p99"`
	Most   float64 `json:"most"`
}

// TestSmooth shows 60 events with 3000 updates a minute, and measures the frames. Only
// the work for a frame is held to a bound, and a generous one: how often a frame comes
// says more of the machine.
func TestSmooth(t *testing.T) {
	b := openBrowser(t)
	s := startSite(t, "127.0.0.1:0", site{})
	b.open(s.addr, 1280, 800, "dark")
	const events = 60
	end, ended := make(chan struct{}), make(chan struct{})
	defer func() {
		close(end)
		<-ended
	}()
	go func() {
		defer close(ended)
		told := script{hub: s.hub}
		ticks := time.NewTicker(time.Minute / 3000)
		defer ticks.Stop()
		for i := 0; ; i++ {
			e := someEvent(uint16(i % events))
			e.at.Latitude += float64(i%events/8) * 0.0006
			e.at.Longitude += float64(i%events%8) * 0.0009
			e.heading, e.distance = float64(i%4)*90, 15+float64(i*7%30)
			told.say(e)
			select {
			case <-end:
				return
			case <-ticks.C:
			}
		}
	}()
	b.await("livemap.drawn().length === " + strconv.Itoa(events))
	eval[any](b, `livemap.frames()`) // those of the beginning do not count
	b.await(`performance.now() > (window.until ??= performance.now() + 5000)`)
	measured := eval[struct {
		N       int   `json:"n"`
		Between times `json:"between"`
		Work    times `json:"work"`
	}](b, `livemap.frames()`)
	t.Logf("%d frames, ms between them: %+v, ms of work for one: %+v", measured.N, measured.Between, measured.Work)
	if measured.N < 20 {
		t.Errorf("only %d frames in 5 s", measured.N)
	}
	if measured.Work.P95 > 100 {
		t.Errorf("the work for a frame takes %.1f ms in 95 of 100", measured.Work.P95)
	}
	b.wantNoComplaints()
}

// TestBigOutline has an outline of 180000 points, of which few are in view.
func TestBigOutline(t *testing.T) {
	b := openBrowser(t)
	var streets []street
	for i := range 6000 {
		var s street
		for j := range 30 {
			s = append(s, [2]float64{45 + float64(i/60)*0.002 + float64(j%3)*0.0001, 7.6 + float64(i%60)*0.003 + float64(j)*0.0001})
		}
		streets = append(streets, s)
	}
	s := startSite(t, "127.0.0.1:0", site{streets: streets})
	b.open(s.addr, 1280, 800, "dark")
	stop := keepSaying(&script{hub: s.hub}, someEvent(1))
	defer stop()
	b.await(`document.getElementById("closeup-what").textContent !== ""`)
	eval[any](b, `livemap.frames()`)
	b.await(`performance.now() > (window.until ??= performance.now() + 1000)`)
	work := eval[float64](b, `livemap.frames().work.median`)
	t.Logf("the work for a frame takes %.1f ms", work)
	if work > 10 {
		t.Errorf("the work for a frame takes %.1f ms", work)
	}
	b.wantNoComplaints()
}
