package main

import (
	"strconv"
	"testing"
)

// Long names make the page no wider than its window, also while there is no connection,
// and long station ids are there as a whole.
func TestLongTexts(t *testing.T) {
	b := openBrowser(t)
	for _, size := range []struct{ width, height int64 }{{320, 640}, {390, 844}, {844, 390}, {1280, 800}} {
		t.Run(strconv.FormatInt(size.width, 10), func(t *testing.T) {
			b.t = t
			s := startSite(t, "127.0.0.1:0", site{source: "step_client_of_the_whole_town at producer-redis-0.redis-headless.step.example:6379"})
			b.open(s.addr, size.width, size.height, "dark")
			long := someEvent(1)
			long.ofStation, long.targetIs = 4294967290, 4294967295
			stop := keepSaying(&script{hub: s.hub}, long)
			defer func() { stop() }()
			b.await(rows + ` === "4294967290 ↔ 4294967295" && document.getElementById("nearest-what").textContent === "4294967290 ↔ 4294967295"`)
			wantFits := func(when string) {
				t.Helper()
				if wide := eval[int64](b, "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"); wide > size.width {
					t.Errorf("%s: the page is %d wide in a window of %d", when, wide, size.width)
				}
				if wide := eval[float64](b, `Math.max(...["help", "veil", "nearest"].map((id) => document.getElementById(id).getBoundingClientRect().right))`); wide > float64(size.width) {
					t.Errorf("%s: something reaches to %.0f in a window of %d", when, wide, size.width)
				}
			}
			wantFits("live")
			for _, selector := range []string{"#nearest-what", "#rows button", "#rows td:nth-child(2)"} {
				if cut := eval[int](b, `(() => { const e = document.querySelector("`+selector+`"); return Math.max(e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight); })()`); cut > 1 {
					t.Errorf("%s is cut by %d px", selector, cut)
				}
			}
			if title := eval[string](b, `document.querySelector("#rows tr").title`); title != "4294967290 ↔ 4294967295, event 3000001/1" {
				t.Errorf("the title of the row is %q", title)
			}
			stop()
			stop = func() {}
			s.hub.connect(false)
			b.await(`document.getElementById("veil").textContent.includes("may be old")`)
			wantFits("with no source")
			s.stop()
			b.await(`document.getElementById("veil").textContent.startsWith("Connection lost")`)
			wantFits("lost")
		})
	}
}
