package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// The modules of the page that know neither screen nor network, each with a script that
// returns what is wrong with it.
var modules = map[string]string{
	"rates": `
		const { Rates } = await import("./js/rates.js");
		const rates = new Rates();
		const now = 1772442914000;
		for (let ms = 0; ms < 90000; ms += 500) rates.count("new", now + ms);
		want("the last minute", rates.perMinute("new", now + 89999), 120);
		want("half a minute later", rates.perMinute("new", now + 119999), 60);
		want("two minutes later", rates.perMinute("new", now + 250000), 0);
		want("another kind", rates.perMinute("cancel", now + 89999), 0);
		rates.count("new", now); // it comes much too late, and must not count for now
		want("with a late one", rates.perMinute("new", now + 89999), 120);`,
	"geo": `
		const { ahead, offset } = await import("./js/geo.js");
		const here = { lat: 45.07, lon: 7.68 };
		for (const [heading, east, north] of [[0, 0, 100], [90, 100, 0], [180, 0, -100], [270, -100, 0]]) {
			const way = offset(here, ahead(here, heading, 100));
			near("to the east of " + heading, way.east, east, 0.01);
			near("to the north of " + heading, way.north, north, 0.01);
		}`,
	"motion": `
		const { Motion } = await import("./js/motion.js");
		const { offset } = await import("./js/geo.js");
		const party = (lat, speed = 10) => ({ at: { lat, lon: 7.68 }, speed, heading: 0 });
		const motion = new Motion().update({ made: 1000, reference: party(45), target: null }, 1000);
		const metres = (now) => offset({ lat: 45, lon: 7.68 }, motion.places(now)[0]).north;
		near("at first", metres(1000), 0, 0.01);
		near("a tenth of a second later", metres(1100), 1, 0.01);
		near("not too far ahead", metres(60000), 15, 0.01);
		want("no target", motion.places(1000)[1], null);
		// The next message has it 2 m further: it glides there.
		motion.update({ made: 1100, reference: party(45 + 3 / 111320), target: null }, 1100);
		near("it does not jump", metres(1100), 1, 0.01);
		near("it comes there", metres(2100), 13, 0.02);
		// A message that has it 100 m further is about another one.
		motion.update({ made: 2100, reference: party(45 + 113 / 111320), target: null }, 2100);
		near("it does jump", metres(2100), 113, 0.02);`,
	"clock": `
		const { Clock } = await import("./js/clock.js");
		const clock = new Clock();
		near("unasked", clock.now(), Date.now(), 20);
		clock.hear(Date.now() + 60000);
		near("a server that is a minute ahead", clock.now(), Date.now() + 60000, 20);
		clock.hear(Date.now() + 59900); // was on its way for 100 ms
		near("a slow message", clock.now(), Date.now() + 60000, 20);
		clock.stop();
		const stopped = clock.now();
		const until = performance.now() + 30;
		while (performance.now() < until);
		want("it stands still", clock.now(), stopped);
		clock.go();
		near("it goes on", clock.now(), Date.now() + 60000, 30);`,
	"warnings": `
		const { Warnings } = await import("./js/warnings.js");
		const warnings = new Warnings();
		const message = (id, kind, made, ttc) => ({ id, kind, made, until: made + 8000, ttc, face: "",
			reference: { station: 1, object: 0, at: { lat: 45, lon: 7 }, speed: 1, heading: 0 },
			target: { station: 2, object: 3, at: { lat: 45, lon: 7 }, speed: null, heading: null }, place: null });
		const levels = (now) => warnings.active(now).map((w) => w.silent ? "silent" : w.level).join();
		warnings.apply(message("a", "new", 10000, 2500), 10000);
		want("who", warnings.get("a").pair, "1 ↔ 2:3");
		want("far", levels(10000), "far");
		want("it counts down", warnings.active(10600)[0].ttc, 1900);
		want("near", levels(10600), "near");
		want("silent", levels(11300), "silent");
		warnings.apply(message("a", "update", 11400, 900), 11400);
		want("now", levels(11400), "now");
		want("over, and nothing more was heard", levels(12601), "silent");
		warnings.apply(message("b", "new", 11500, null), 11500);
		warnings.tidy(19450);
		want("the first is not valid any more", warnings.size, 1);
		warnings.replace([message("c", "", 19000, 1), message("d", "", 19000, 1)], 19000);
		want("a snapshot", warnings.active(19000).map((w) => w.id).join(), "c,d");
		warnings.apply(message("c", "cancel", 19500, 1), 19500);
		want("cancelled", [warnings.size, warnings.ended.length].join(), "1,2");
		for (let i = 0; i < 2000; i++) {
			warnings.apply(message("x" + i, "new", 20000, 1), 20000);
			warnings.apply(message("x" + i, "cancel", 20001, 1), 20001);
		}
		want("what ended is bounded", warnings.ended.length <= 300, true);
		warnings.tidy(20001 + 6 * 60 * 1000);
		want("and forgotten", warnings.ended.length <= 1, true);`,
}

const checks = `
	const wrong = [];
	const want = (what, got, wanted) => { if (got !== wanted) wrong.push(what + ": got " + got + ", want " + wanted); };
	const near = (what, got, wanted, by) => { if (!(Math.abs(got - wanted) <= by)) wrong.push(what + ": got " + got + ", want " + wanted); };
`

func TestModules(t *testing.T) {
	b := openBrowser(t)
	s := startSite(t, "127.0.0.1:0", site{})
	b.open(s.addr, 800, 600, "dark")
	for name, script := range modules {
		t.Run(name, func(t *testing.T) {
			b.t = t
			promise := chromedp.Evaluate[[]string]("(async () => {"+checks+script+"\nreturn wrong; })()", chromedp.EvalAwaitPromise)
			for _, wrong := range result(b, promise) {
				t.Error(wrong)
			}
		})
	}
}
