package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// received is a server-sent event that a page got.
type received struct{ name, id, data string }

// parse reads server-sent events.
func parse(t *testing.T, text string) []received {
	t.Helper()
	var events []received
	for part := range strings.SplitSeq(text, "\n\n") {
		var r received
		for line := range strings.SplitSeq(part, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "event":
				r.name = value
			case "id":
				r.id = value
			case "data":
				r.data = value
			case "", "retry":
			default:
				t.Errorf("a line that is none of an event: %q", line)
			}
		}
		if r.name != "" {
			events = append(events, r)
		}
	}
	return events
}

// drained returns what waits for the page, which joined with a greeting.
func drained(p *page) string {
	text := string(p.greeting)
	for len(p.frames) > 0 {
		text += string(<-p.frames)
	}
	return text
}

// kinds returns the events but the state, each with the kinds of its warnings.
func kinds(t *testing.T, events []received) string {
	t.Helper()
	var list []string
	for _, e := range events {
		switch e.name {
		case "denm":
			list = append(list, decoded(t, e).Kind)
		case "snapshot":
			var warnings []warning
			if err := json.Unmarshal([]byte(e.data), &warnings); err != nil {
				t.Fatal(err)
			}
			list = append(list, fmt.Sprintf("snapshot of %d", len(warnings)))
		}
	}
	return strings.Join(list, ", ")
}

func decoded(t *testing.T, e received) warning {
	t.Helper()
	var w warning
	if err := json.Unmarshal([]byte(e.data), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// script adds DENMs to a hub, one a call.
type script struct {
	hub  *hub
	last entryID
}

func (s *script) say(e scripted) entryID {
	id := newID(&s.last)
	s.hub.add(arrival{id, e.denm(time.Now())})
	return id
}

func (s *script) cancel(e scripted) entryID {
	id := newID(&s.last)
	s.hub.add(arrival{id, e.denm(time.Now()).Cancellation(den.TimestampOf(time.Now()))})
	return id
}

func join(t *testing.T, h *hub, last string) *page {
	t.Helper()
	p, err := h.join(last)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLifeOfAnEvent(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		p := join(t, s.hub, "")
		s.say(someEvent(1))
		time.Sleep(100 * time.Millisecond)
		s.say(someEvent(1))
		s.cancel(someEvent(1))
		s.cancel(someEvent(1)) // once more, as a repetition would be
		s.cancel(someEvent(2)) // of one that nobody saw begin
		if got, want := kinds(t, parse(t, drained(p))), "snapshot of 0, new, update, cancel"; got != want {
			t.Errorf("the page got %s, want %s", got, want)
		}
	})
}

func TestWarningSaysWhatTheDENMSays(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		p := join(t, s.hub, "")
		s.say(someEvent(7))
		events := parse(t, drained(p))
		w := decoded(t, events[len(events)-1])
		if w.ID != "3000001/7" || w.Made != time.Now().UnixMilli() || w.Until != w.Made+8000 || *w.TTC != 2000 {
			t.Errorf("got %+v", w)
		}
		if w.Reference.Station != 1007 || *w.Reference.Speed != 10 || *w.Reference.Heading != 0 {
			t.Errorf("got the reference %+v", w.Reference)
		}
		if w.Target.Station != 2007 || *w.Target.Heading != 90 || w.Place.Latitude != 45.07 {
			t.Errorf("got the target %+v and the place %+v", w.Target, w.Place)
		}
	})
}

// What a sender does not know is null on the wire, and not a number that means it.
func TestUnknownIsNull(t *testing.T) {
	d := someEvent(1).denm(time.Now())
	d.Location.Value.EventSpeed = den.Some(den.UnknownSpeed())
	d.Location.Value.EventPositionHeading = den.Some(den.UnknownHeading())
	d.PreCrash = den.Optional[den.PreCrash]{}
	if w := warningOf(d); w.Reference.Speed != nil || w.Reference.Heading != nil || w.Target != nil || w.TTC != nil {
		t.Errorf("got %+v", w)
	}
}

func TestResume(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		s.hub.begin(newID(&s.last), nil)
		s.say(someEvent(1))
		seen := s.say(someEvent(2))
		s.say(someEvent(2))
		s.cancel(someEvent(1))
		p := join(t, s.hub, seen.String())
		if got, want := kinds(t, parse(t, drained(p))), "update, cancel"; got != want {
			t.Errorf("who comes again gets %s, want %s", got, want)
		}
		newest := join(t, s.hub, s.last.String())
		if got := kinds(t, parse(t, drained(newest))); got != "" {
			t.Errorf("who has seen all gets %s", got)
		}
	})
}

// The header that browsers send when they come again by themselves says it too, and is
// newer than what the address says.
func TestResumeByHeader(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		s.hub.begin(newID(&s.last), nil)
		s.say(someEvent(1))
		seen := s.say(someEvent(1))
		s.cancel(someEvent(1))
		ctx, cancel := context.WithCancel(t.Context())
		w, done := openStream(ctx, s.hub, seen.String())
		synctest.Wait()
		cancel()
		<-done
		if got, want := kinds(t, parse(t, w.Body.String())), "cancel"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A hub that has just come to life does not know what a page has missed.
func TestNoResumeBeforeTheBeginning(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		s.say(someEvent(1))
		p := join(t, s.hub, before(s.last.String()).String())
		if got, want := kinds(t, parse(t, drained(p))), "snapshot of 1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Where the hub cannot tell what a page missed, it tells everything anew.
func TestGapGetsSnapshot(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		s.hub.begin(entryID{ms: uint64(time.Now().UnixMilli())}, nil)
		first := s.say(someEvent(1))
		for i := range ringSize {
			s.say(someEvent(uint16(i % 3)))
		}
		for name, last := range map[string]string{
			"too_old":            before(first.String()).String(),
			"of_another_stream":  entryID{ms: s.last.ms + 1}.String(),
			"before_the_restart": "1-0",
			"nonsense":           "x",
			"empty":              "",
		} {
			p := join(t, s.hub, last)
			events := parse(t, drained(p))
			if got, want := kinds(t, events), "snapshot of 3"; got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
			if id := events[len(events)-1].id; id != s.last.String() {
				t.Errorf("%s: the snapshot has the id %s, want that of the last entry, %s", name, id, s.last)
			}
		}
		// The oldest one that is there is enough.
		p := join(t, s.hub, first.String())
		if n := strings.Count(drained(p), "event: denm"); n != ringSize {
			t.Errorf("who has seen the first one gets %d, want %d", n, ringSize)
		}
	})
}

func TestSnapshotHasWhatIsValid(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		s.say(someEvent(1))
		time.Sleep(5 * time.Second)
		s.say(someEvent(2))
		time.Sleep(4 * time.Second) // the first one was valid for 8 s
		p := join(t, s.hub, "")
		if got, want := kinds(t, parse(t, drained(p))), "snapshot of 1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A page that does not read is dropped, and the others get everything.
func TestSlowPageIsDropped(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		slow, fast := join(t, s.hub, ""), join(t, s.hub, "")
		got := 0
		for range 3 * queueSize {
			s.say(someEvent(1))
			<-fast.frames
			got++
		}
		if got != 3*queueSize || s.hub.dropped != 1 || len(s.hub.pages) != 1 {
			t.Errorf("the fast one got %d, %d were dropped, %d are left", got, s.hub.dropped, len(s.hub.pages))
		}
		n := 0
		for range slow.frames { // it is closed, or this never ends
			n++
		}
		if n != queueSize {
			t.Errorf("%d frames waited for the slow one, want %d", n, queueSize)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		for i := range mostWarnings + ringSize {
			s.say(someEvent(uint16(i)))
		}
		if n := len(s.hub.board.active); n != mostWarnings {
			t.Errorf("%d events are kept, want %d", n, mostWarnings)
		}
		if n := len(s.hub.ring.frames); n > ringSize {
			t.Errorf("%d frames are kept, want at most %d", n, ringSize)
		}
		for range mostPages {
			join(t, s.hub, s.last.String())
		}
		if _, err := s.hub.join(""); !errors.Is(err, errCrowded) {
			t.Errorf("one page too many: %v", err)
		}
		time.Sleep(9 * time.Second) // all of them are over
		s.say(someEvent(60000))
		if n := len(s.hub.board.active); n != 1 {
			t.Errorf("%d events are kept after all but one are over", n)
		}
	})
}

// What was made in the future would hide what is said of its event until then.
func TestMadeInTheFuture(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var log bytes.Buffer
		s := script{hub: newHub(slog.New(slog.NewTextHandler(&log, nil)))}
		p := join(t, s.hub, "")
		for range 3 {
			s.hub.add(arrival{newID(&s.last), someEvent(1).denm(time.Now().Add(time.Hour))})
		}
		s.say(someEvent(1))
		s.hub.add(arrival{newID(&s.last), someEvent(1).denm(time.Now().Add(mostAhead - time.Second))}) // clocks differ
		if got, want := kinds(t, parse(t, drained(p))), "snapshot of 0, new, update"; got != want {
			t.Errorf("the page got %s, want %s", got, want)
		}
		if n := strings.Count(log.String(), "made in the future"); n != 1 || s.hub.board.ahead != 3 {
			t.Errorf("it was told %d times of %d: %s", n, s.hub.board.ahead, log.String())
		}
	})
}

// Where there is no room, what was silent for longest is left out, and pages are told.
func TestNoRoom(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var log bytes.Buffer
		s := script{hub: newHub(slog.New(slog.NewTextHandler(&log, nil)))}
		for i := range mostWarnings {
			s.say(someEvent(uint16(i)))
		}
		s.say(someEvent(0))
		p := join(t, s.hub, s.last.String())
		s.say(someEvent(60000))
		s.say(someEvent(60001))
		var dropped []string
		for _, e := range parse(t, drained(p)) {
			if e.name == "dropped" {
				dropped = append(dropped, e.data)
			}
		}
		if got, want := strings.Join(dropped, ", "), `"3000001/1", "3000001/2"`; got != want {
			t.Errorf("the page heard that %s are left out, want %s", got, want)
		}
		if n := s.hub.state().LeftOut; n != 2 {
			t.Errorf("%d are left out, want 2", n)
		}
		s.cancel(someEvent(1))
		s.say(someEvent(2)) // it is known again, instead of 3
		if n := s.hub.state().LeftOut; n != 1 {
			t.Errorf("%d are left out, want 1", n)
		}
		if n := strings.Count(log.String(), "more events are active"); n != 1 {
			t.Errorf("it was told %d times: %s", n, log.String())
		}
		time.Sleep(9 * time.Second) // all of them are over
		if n := s.hub.state().LeftOut; n != 0 {
			t.Errorf("%d are left out after all are over", n)
		}
	})
}

// stream runs the handler for a page that reads at its own pace.
func openStream(ctx context.Context, h *hub, header string) (*httptest.ResponseRecorder, chan struct{}) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/events?last=1-0", nil)
	if header != "" {
		r.Header.Set("Last-Event-ID", header)
	}
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		h.stream(w, r)
	}()
	return w, done
}

// A page hears of us when nothing happens, in time to tell that we are alive.
func TestPings(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		h := newHub(quiet)
		ctx, cancel := context.WithCancel(t.Context())
		w, done := openStream(ctx, h, "")
		time.Sleep(3*pingInterval + time.Second)
		cancel()
		<-done
		states := 0
		for _, e := range parse(t, w.Body.String()) {
			if e.name == "state" {
				states++
			}
		}
		if states != 4 { // one at first
			t.Errorf("%d states, want 4", states)
		}
		if len(h.pages) != 0 {
			t.Error("a page that has left is still there")
		}
	})
}

func TestConnectionStateIsTold(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		h := newHub(quiet)
		p := join(t, h, "")
		h.connect(true)
		h.connect(true)
		h.connect(false)
		var states []bool
		for _, e := range parse(t, drained(p)) {
			var s state
			if e.name == "state" {
				if err := json.Unmarshal([]byte(e.data), &s); err != nil {
					t.Fatal(err)
				}
				states = append(states, s.Connected)
			}
		}
		if fmt.Sprint(states) != "[false true false]" {
			t.Errorf("the page heard %v", states)
		}
	})
}

// When the hub closes, all pages end and none comes in; the bubble fails if a goroutine
// is left.
func TestCloseEndsAllPages(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		s := script{hub: newHub(quiet)}
		var all []chan struct{}
		for range 50 {
			_, done := openStream(t.Context(), s.hub, "")
			all = append(all, done)
		}
		synctest.Wait()
		s.say(someEvent(1))
		s.hub.close()
		for _, done := range all {
			<-done
		}
		s.say(someEvent(2)) // nobody hears it, and nobody is harmed
		w, done := openStream(t.Context(), s.hub, "")
		<-done
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("who comes too late gets %d", w.Code)
		}
	})
}
