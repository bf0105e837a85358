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
		}
		const { between, metresApart } = await import("./js/geo.js");
		near("to the east over the 180th meridian", between(179.9, -179.9), 0.2, 1e-9);
		near("to the west over it", between(-179.9, 179.9), -0.2, 1e-9);
		want("at the pole too", metresApart({ lat: 90, lon: 0 }, ahead({ lat: 90, lon: 0 }, 90, 10)) < 11, true);`,
	"camera": `
		const { Camera } = await import("./js/camera.js");
		const box = document.body.appendChild(document.createElement("div"));
		Object.assign(box.style, { position: "absolute", width: "800px", height: "600px" });
		const map = L.map(box, { center: [0, 0], zoom: 3, minZoom: 1, maxZoom: 21, zoomSnap: 0.1, zoomAnimation: false });
		let clock = 0;
		performance.now = () => clock;
		try {
			const camera = new Camera(map, []);
			const warning = (id, lat, lon) => ({ id, reference: { at: { lat, lon } }, target: null, place: { lat: lat + 0.001, lon } });
			const keep = (warnings, seconds) => {
				for (let i = 0; i < seconds * 10; i++) {
					clock += 100;
					camera.keep(warnings);
				}
			};
			const seen = (w) => map.getBounds().contains([w.reference.at.lat, w.reference.at.lon]);
			const far = warning("far", 48.1, 11.5);
			const town = [0, 1, 2].map((i) => warning("town" + i, 45 + i * 0.001, 7));
			keep([far], 1);
			want("the only one", seen(far), true);
			keep([far, ...town], 5);
			want("most of them", town.every(seen), true);
			want("one that is far away", seen(far), false);
			want("near enough", map.getZoom() > 14, true);
			const suburb = warning("suburb", 45.05, 7);
			keep([...town, suburb], 5);
			want("one in the suburb too", [...town, suburb].every(seen), true);
			const wide = map.getZoom();
			keep(town, 75);
			want("it comes nearer again", map.getZoom() > wide + 1 && town.every(seen), true);
			const pole = warning("pole", 89.9999, 0);
			keep([...town, pole], 5);
			want("the pole is elsewhere", map.getZoom() > wide + 1 && town.every(seen), true);
			const [west, east] = [warning("west", 10, 179.9995), warning("east", 10, -179.9995)];
			keep([west, east], 80);
			want("around the 180th meridian", map.getZoom() > 14 && Math.abs(map.getCenter().lng) > 179.99, true);
			const country = new Camera(map, [[[36, 7], [47, 18]]]);
			want("the outline", map.getZoom() < 8, true);
			country.keep(town);
			for (let i = 0; i < 30; i++) {
				clock += 100;
				country.keep(town);
			}
			want("not the outline of a whole country for long", map.getZoom() > 14 && town.every(seen), true);
			country.follow(false);
			keep([pole], 80);
			want("the pole alone", map.getCenter().lat > 80, true);
		} finally {
			delete performance.now;
			map.remove();
			box.remove();
		}`,
	"marks": `
		const { label } = await import("./js/marks.js");
		const context = document.createElement("canvas").getContext("2d");
		const warning = (pair) => ({ level: "now", ttc: 500, silent: false, pair });
		const width = (pair) => {
			const { box } = label(context, { x: 0, y: 0 }, warning(pair), true, "red", 1, { font: "sans-serif", colour: () => "red" });
			return box.right - box.left;
		};
		want("a long name takes more room", width("4294967290:65535 ↔ 4294967295:65535") > 150, true);
		want("than a short one", width("1 ↔ 2") < 100, true);`,
	"streets": `
		const { piecesOf } = await import("./js/streets.js");
		const { boxOf, meet } = await import("./js/geo.js");
		const line = Array.from({ length: 1000 }, (_, i) => [45, 7 + i * 0.001]);
		const pieces = piecesOf([line, [[60, 179.99], [60, 180]]]);
		const within = (south, west, north, east) => pieces.filter((piece) => meet(piece.box, boxOf(south, west, north, east))).length;
		want("all points are there, and ends twice", pieces.reduce((n, { places }) => n + places.length - 1, 0), 1000);
		want("in view", within(44.9, 7.2, 45.1, 7.201) <= 2 && within(44.9, 7.2, 45.1, 7.201) >= 1, true);
		want("far away", within(50, 7, 51, 8), 0);
		want("over the 180th meridian", within(59, 179.995, 61, 180.1) + within(59, -180.1, 61, -179.99), 2);`,
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
		warnings.leaveOut("d");
		want("left out, which is not ended", [warnings.size, warnings.ended.length].join(), "0,2");
		warnings.apply(message("d", "new", 19400, 1), 19400);
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
