package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// keepSaying tells of the events again and again, nearer every time, until it is
// stopped.
func keepSaying(s *script, events ...scripted) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticks := time.NewTicker(50 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case <-end:
				return
			case <-ticks.C:
			}
			for i := range events {
				// It never comes to a collision: the places are far ahead.
				events[i].distance = max(events[i].distance-events[i].speed*0.05, events[i].speed*1.2)
				s.say(events[i])
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

const rows = `[...document.querySelectorAll("#rows button")].map((b) => b.textContent).join(", ")`

// TestPage follows an event through a real browser: it appears, moves and is cancelled,
// also while the server of the page is restarted.
func TestPage(t *testing.T) {
	b := openBrowser(t)
	s := startSite(t, "127.0.0.1:0", site{source: "a test"})
	told := &script{hub: s.hub}
	b.open(s.addr, 1280, 800, "dark")
	b.await(`document.getElementById("empty").checkVisibility()`)

	first := someEvent(1)
	first.distance = 150
	stop := keepSaying(told, first)
	b.await(rows + ` === "1001 ↔ 2001"`)
	b.await(`livemap.drawn().length === 1 && livemap.drawn()[0].parties.length === 2`)
	// The map turns to it. The reference comes from the south, so it moves up.
	b.await(`livemap.drawn()[0].parties[0].y > 400`)
	y := eval[float64](b, `livemap.drawn()[0].parties[0].y`)
	b.await(`livemap.drawn()[0].parties[0].y < ` + number(y-3))

	stop()
	told.cancel(first)
	b.await(rows + ` === "" && livemap.drawn().length === 0 && livemap.ended() === 1`)
	b.await(`document.getElementById("count-new").textContent === "1" && document.getElementById("count-cancel").textContent === "1"`)
	b.wantNoComplaints()

	// The server goes and comes again, on the same port: the page says so, and then
	// shows what is active, as if nothing had been.
	second := someEvent(2)
	told.say(second)
	b.await(rows + ` === "1002 ↔ 2002"`)
	s.stop()
	b.await(`document.getElementById("link").dataset.state === "lost" && document.getElementById("veil").checkVisibility()`)
	b.complaints() // the browser tells that it could not connect
	s = startSite(t, s.addr, site{source: "a test"})
	told.hub = s.hub
	told.hub.begin(newID(&told.last), nil)
	third := someEvent(3)
	told.say(third)
	b.await(rows + ` === "1003 ↔ 2003" && document.getElementById("link").dataset.state === "live"`)
	b.complaints() // the last attempt that failed
	told.cancel(third)
	b.await(rows + ` === ""`)
	b.wantNoComplaints()
	b.wantOnly(s.addr)
}

// TestControls uses the page with the keyboard alone.
func TestControls(t *testing.T) {
	b := openBrowser(t)
	s := startSite(t, "127.0.0.1:0", site{})
	told := &script{hub: s.hub}
	b.open(s.addr, 1280, 800, "light")
	near, far := someEvent(1), someEvent(2)
	near.distance, far.distance, far.at.Latitude = 15, 60, 45.071
	stop := keepSaying(told, near, far)
	defer func() { stop() }()
	press := func(key string) {
		t.Helper()
		result(b, chromedp.KeyEvent(key))
	}
	b.await(rows + ` === "1001 ↔ 2001, 1002 ↔ 2002"`)

	// Filters, by text and by time.
	press("/")
	b.await(`document.activeElement.id === "filter-text"`)
	// A keyboard would not write the slash; the protocol does.
	eval[string](b, `document.getElementById("filter-text").value = ""`)
	press("2002")
	b.await(rows + ` === "1002 ↔ 2002" && livemap.drawn().length === 1`)
	press("\x1b")
	b.await(rows + ` === "1001 ↔ 2001, 1002 ↔ 2002" && document.activeElement === document.body`)
	eval[bool](b, `(() => { const below = document.getElementById("filter-below"); below.value = "2"; below.dispatchEvent(new Event("input", { bubbles: true })); return true; })()`)
	b.await(rows + ` === "1001 ↔ 2001"`)
	press("\x1b")
	b.await(rows + ` === "1001 ↔ 2001, 1002 ↔ 2002"`)

	// Sorting, the other way round and by another column.
	eval[bool](b, `(document.querySelector("th button").click(), true)`)
	b.await(rows + ` === "1002 ↔ 2002, 1001 ↔ 2001" && document.querySelector("th").ariaSort === "descending"`)
	press("s")
	b.await(rows + ` === "1001 ↔ 2001, 1002 ↔ 2002" && document.querySelectorAll("th")[1].ariaSort === "ascending"`)

	// The rows by keys, with a focus that can be seen; and the choice on the map.
	press("j")
	press("j")
	b.await(`document.activeElement.textContent === "1002 ↔ 2002" && getComputedStyle(document.activeElement).outlineStyle === "solid"`)
	press("\r")
	b.await(`document.querySelector("tr[data-chosen] button")?.textContent === "1002 ↔ 2002" && document.getElementById("follow").ariaPressed === "false"`)
	press("f")
	b.await(`document.getElementById("follow").ariaPressed === "true"`)

	// The help opens and closes.
	press("?")
	b.await(`document.getElementById("help-box").open`)
	press("?")
	b.await(`!document.getElementById("help-box").open`)

	// The theme goes round.
	for _, want := range []string{"dark", "light", "undefined"} {
		press("t")
		b.await("`${document.documentElement.dataset.theme}` === \"" + want + `"`)
	}

	// A pause: nothing changes, and afterwards nothing is missing.
	press("\x1b")
	press("p")
	b.await(`document.getElementById("veil").textContent.startsWith("Paused")`)
	stop()
	stop = func() {}
	told.cancel(near)
	told.cancel(far)
	if n := eval[int](b, `livemap.drawn().length`); n != 2 {
		t.Errorf("in a pause %d events are drawn, want 2", n)
	}
	press("p")
	b.await(rows + ` === "" && document.getElementById("count-cancel").textContent === "2"`)
	b.wantNoComplaints()
}

// A window that nobody sees holds no connection, and knows what it missed when it is seen.
func TestHiddenWindow(t *testing.T) {
	b := openBrowser(t)
	s := startSite(t, "127.0.0.1:0", site{})
	told := &script{hub: s.hub}
	b.open(s.addr, 800, 600, "dark")
	told.say(someEvent(1))
	b.await(rows + ` === "1001 ↔ 2001"`)
	see := func(hidden string) {
		t.Helper()
		eval[bool](b, `(Object.defineProperty(document, "hidden", { configurable: true, value: `+hidden+` }), document.dispatchEvent(new Event("visibilitychange")))`)
	}
	pages := func(n int) func(*hub) bool { return func(h *hub) bool { return len(h.pages) == n } }
	see("true")
	awaitHub(t, s.hub, "no page", pages(0))
	told.cancel(someEvent(1))
	told.say(someEvent(2))
	see("false")
	b.await(rows + ` === "1002 ↔ 2002" && livemap.ended() === 1`)
	awaitHub(t, s.hub, "one page", pages(1))
	b.wantNoComplaints()
}

// With more events than are kept, the page says how many are left out, and draws so few
// that it stays quick.
func TestLeftOut(t *testing.T) {
	b := openBrowser(t)
	s := startSite(t, "127.0.0.1:0", site{})
	told := &script{hub: s.hub}
	for i := range mostWarnings + 100 {
		e := someEvent(uint16(i))
		e.at.Latitude += float64(i%70) * 0.0002
		e.at.Longitude += float64(i/70) * 0.0003
		told.say(e)
	}
	b.open(s.addr, 800, 600, "dark")
	b.await(`document.getElementById("more").textContent.endsWith("100 left out, there are too many") && document.getElementById("count-active").textContent === "5000 of 5100"`)
	eval[any](b, `livemap.frames()`)
	b.await(`performance.now() > (window.until ??= performance.now() + 2000)`)
	work := eval[float64](b, `livemap.frames().work.median`)
	t.Logf("the work for a frame takes %.1f ms", work)
	if work > 200 {
		t.Errorf("the work for a frame takes %.1f ms", work)
	}
	b.wantNoComplaints()
}

// Two events on both sides of the 180th meridian are near to each other on the map too.
func TestOverThe180thMeridian(t *testing.T) {
	b := openBrowser(t)
	s := startSite(t, "127.0.0.1:0", site{})
	b.open(s.addr, 800, 600, "dark")
	west, east := someEvent(1), someEvent(2)
	west.at, east.at = place{-17, 179.9995}, place{-17, -179.9995}
	stop := keepSaying(&script{hub: s.hub}, west, east)
	defer stop()
	b.await(`livemap.drawn().length === 2 && livemap.drawn().every((w) => w.parties.length === 2 && w.parties.every(({ x, y }) => x > 0 && x < 800 && y > 0 && y < 600))`)
	b.await(`Math.abs(livemap.drawn()[0].parties[0].x - livemap.drawn()[1].parties[0].x) > 50`)
	b.wantNoComplaints()
}
