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
