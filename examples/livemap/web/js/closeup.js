// CloseUp shows one warning from near by: the one that somebody chose, or else the most
// urgent one. It stays with a warning for a while, so that one can see how it goes on.
import { between, metresApart, metresEast, metresNorth } from "./geo.js";
import { drawGoal, drawStation, drawWay } from "./marks.js";
import { paintStreets } from "./streets.js";

const stays = 1500; // ms
const order = { far: 0, near: 1, now: 2 };

export class CloseUp {
  #theme;
  #streets;
  #box = document.getElementById("closeup");
  #canvas = this.#box.querySelector("canvas");
  #caption = document.getElementById("closeup-what");
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #id = null;
  #since = 0;
  #focus = null; // what is in the middle
  #reach = 30; // how many metres are in view in each direction
  #blank = false;

  constructor(theme, pieces) {
    this.#theme = theme;
    this.#streets = pieces;
    theme.onChange(() => { this.#blank = false; });
  }

  show(warnings, chosen, now) {
    if (this.#box.offsetParent === null) return; // there is no room for it here
    const w = this.#select(warnings, chosen, now);
    if (!w) {
      this.#rest();
      return;
    }
    this.#blank = false;
    const places = this.#calm.matches ? [w.reference.at, w.target?.at] : w.motion.places(now);
    this.#look(w, places);
    const { context, size } = this.#clear();
    const metre = Math.min(size.x, size.y) / 2 / this.#reach;
    const at = (place) => ({
      x: size.x / 2 + between(this.#focus.lon, place.lon) * metresEast(this.#focus.lat) * metre,
      y: size.y / 2 - (place.lat - this.#focus.lat) * metresNorth * metre,
    });
    // Streets are wide, and those whose middle is just out of view are still in it.
    const [east, north] = [size.x, size.y].map((pixels) => pixels / 2 / metre + 10);
    const view = { ...this.#focus, up: north / metresNorth, aside: east / metresEast(this.#focus.lat) };
    paintStreets(context, this.#streets, view, at, metre, this.#theme);
    this.#drawWarning(context, w, places, at, metre, now);
    this.#say(w.pair);
  }

  #select(warnings, chosen, now) {
    const urgent = (w) => order[w.level] * 1e6 - (w.ttc ?? 1e5) - (w.silent ? 1e9 : 0);
    const picked = warnings.find((w) => w.id === chosen);
    const current = warnings.find((w) => w.id === this.#id);
    const most = warnings.reduce((best, w) => (!best || urgent(w) > urgent(best) ? w : best), null);
    if (!picked && current && !current.silent && now - this.#since < stays) return current;
    const next = picked ?? most;
    if (next && next.id !== this.#id) {
      this.#id = next.id;
      this.#since = now;
      this.#focus = null;
    }
    return next;
  }

  // look moves the view so that both stations are in it, without haste.
  #look(w, places) {
    const focus = w.place ?? w.reference.at;
    const far = Math.max(...places.filter((p) => p).map((p) => metresApart(focus, p)));
    const reach = Math.min(Math.max(far * 1.35, 16), 120);
    if (!this.#focus) [this.#focus, this.#reach] = [focus, reach];
    const part = 0.06;
    this.#focus = {
      lat: this.#focus.lat + (focus.lat - this.#focus.lat) * part,
      lon: this.#focus.lon + between(this.#focus.lon, focus.lon) * part,
    };
    this.#reach += (reach - this.#reach) * part;
  }

  #clear() {
    const size = { x: this.#canvas.clientWidth, y: this.#canvas.clientHeight };
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.x * scale), Math.round(size.y * scale)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, size.x, size.y);
    return { context, size };
  }

  #drawWarning(context, w, places, at, metre, now) {
    const unit = this.#theme.rem(1 / 16) * 1.15;
    const colour = this.#theme.colour(w.level);
    context.globalAlpha = w.silent ? 0.4 : 1;
    const points = places.map((place) => place && at(place));
    if (w.place) {
      const goal = at(w.place);
      for (const point of points) if (point) drawWay(context, point, goal, w.level, colour, unit);
      drawGoal(context, goal, w, colour, unit, this.#calm.matches ? 0 : (now % 900) / 900);
    }
    const look = { colour, unit, metre, chosen: false, theme: this.#theme };
    if (points[1]) drawStation(context, points[1], w.target, false, look);
    drawStation(context, points[0], w.reference, true, look);
    context.globalAlpha = 1;
  }

  // rest shows that there is nothing, once.
  #rest() {
    this.#id = null;
    if (this.#blank) return;
    this.#blank = true;
    this.#clear();
    this.#say("");
  }

  #say(text) {
    if (this.#caption.textContent !== text) this.#caption.textContent = text;
  }
}
