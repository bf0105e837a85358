// Scene draws the warnings: both stations, their ways, and where they are predicted to
// meet. It draws for as long as something is there to move, and then no more.
import { CanvasLayer } from "./canvaslayer.js";
import { meet } from "./geo.js";
import { drawEnded, drawGoal, drawStation, drawWay, label } from "./marks.js";

const L = window.L;
const order = { far: 0, near: 1, now: 2 };
const reach = 24; // px within which a click means a warning
const mostDrawn = 400; // more could not be told apart, and a frame would take too long
const mostLabels = 100;

export const Scene = CanvasLayer.extend({
  options: { pane: "overlayPane" },

  initialize(theme, choose) {
    this.theme = theme;
    this.choose = choose;
    this.warnings = [];
    this.ended = [];
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  },

  onAdd(map) {
    CanvasLayer.prototype.onAdd.call(this, map);
    map.on("click", (e) => this.choose(this.nearest(e.containerPoint)));
  },

  // show draws the state of this moment, unless it looks like the last one.
  show(warnings, ended, chosen, now) {
    const still = warnings.length === 0 && this.warnings.length === 0 && ended.length === this.ended.length;
    const fading = ended.length > 0 && now - ended[ended.length - 1].at < 3000;
    // The colours of what ended long ago change slowly.
    const due = now - (this.drawn ?? 0) > 5000;
    Object.assign(this, { warnings, chosen, now, ended: ended.slice() });
    if (still && !fading && !due) return;
    this.drawn = now;
    this.paint();
  },

  draw(context, size) {
    // Marks are larger where the map is, so that a wall is more than a large desk.
    const unit = this.theme.rem(1 / 16) * Math.min(Math.max(Math.min(size.x, size.y) / 760, 0.85), 1.5);
    const metre = this.metre();
    const view = this.view();
    for (const e of this.ended) drawEnded(context, this.at(e.place), this.now - e.at, unit, this.theme);
    const urgentFirst = this.warnings.filter((w) => inView(w, view)).sort((a, b) =>
      (b.id === this.chosen) - (a.id === this.chosen) || order[b.level] - order[a.level] || a.ttc - b.ttc).slice(0, mostDrawn);
    this.picked = urgentFirst.some((w) => w.id === this.chosen);
    for (const w of urgentFirst.toReversed()) this.drawWarning(context, w, unit, metre);
    this.drawLabels(context, urgentFirst.slice(0, mostLabels), unit);
  },

  // drawLabels writes on top of everything, the most urgent first, and leaves out what
  // would lie on another.
  drawLabels(context, urgentFirst, unit) {
    const taken = [];
    for (const w of urgentFirst) {
      if (!w.place) continue;
      const named = w.id === this.chosen || w.level === "now";
      const { box, draw } = label(context, this.at(w.place), w, named, this.theme.colour(w.level), unit, this.theme);
      if (taken.some((o) => box.left < o.right && o.left < box.right && box.top < o.bottom && o.top < box.bottom)) continue;
      taken.push(box);
      draw();
    }
  },

  drawWarning(context, w, unit, metre) {
    const chosen = w.id === this.chosen;
    const colour = this.theme.colour(w.level);
    // Who has chosen one looks at that one; the urgent stay as they are.
    const aside = this.picked && !chosen && w.level !== "now";
    context.globalAlpha = w.silent ? 0.35 : aside ? 0.45 : 1;
    const places = this.placesOf(w).map((place) => place && this.at(place));
    const goal = w.place && this.at(w.place);
    if (goal) {
      for (const at of places) if (at) drawWay(context, at, goal, w.level, colour, unit);
      const beat = this.calm.matches ? 0 : (this.now % 900) / 900;
      drawGoal(context, goal, w, colour, unit, beat);
    }
    for (const [at, party, filled] of [[places[1], w.target, false], [places[0], w.reference, true]]) {
      if (!at) continue;
      drawStation(context, at, party, filled, { colour, unit, metre, chosen, theme: this.theme });
    }
    context.globalAlpha = 1;
  },

  placesOf(w) {
    return this.calm.matches ? [w.reference.at, w.target?.at] : w.motion.places(this.now);
  },

  // nearest is the id of the warning at a point of the screen, or null.
  nearest(point) {
    let best = null;
    let least = reach;
    for (const w of this.warnings) {
      for (const place of [...this.placesOf(w), w.place]) {
        const distance = place ? this.at(place).distanceTo(L.point(point)) : Infinity;
        if (distance < least) [best, least] = [w.id, distance];
      }
    }
    return best;
  },
});

// inView reports whether one of the places of a warning is in the box.
function inView(w, box) {
  return [w.reference.at, w.target?.at, w.place].some((place) => place && meet({ ...place, up: 0, aside: 0 }, box));
}
