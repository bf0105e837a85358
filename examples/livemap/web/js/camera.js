// Camera decides what part of the world is in view. While it follows, the warnings of the
// last minute are, and it moves as little as it can: outwards when one would be missed,
// and inwards when much of the view has been empty for long. Who moves the map themselves
// is left alone.
import { between, metresApart } from "./geo.js";

const L = window.L;
const pause = 1500; // ms between two moves at least
const lingers = 60000; // ms from a move until it may move inwards
const tooWide = 4; // levels of zoom that are not waited for
const remembered = 60000; // ms that the place of a warning is kept in view
const mostRemembered = 2000;
const candidates = 50; // places that are tried as the middle of most warnings
const reach = 20000; // m; what lies farther from there is in the list alone

export class Camera {
  #map;
  #button = document.getElementById("follow");
  #outline; // the streets, which are in view until there is a warning
  #recent = new Map(); // by id, the one heard of last at the end: {middle, places, seen}
  #anchor = null; // a place in the midst of most warnings
  #follows = true;
  #moved = -Infinity;
  #placed = false;
  #began = false; // there was a warning
  #closest; // with streets there is something to see around them

  constructor(map, streets) {
    this.#map = map;
    this.#closest = streets.length > 0 ? 20 : 18;
    this.#outline = L.latLngBounds(streets.flat());
    if (this.#outline.isValid()) this.#fit(this.#outline);
    map.on("dragstart", () => this.follow(false));
    const container = map.getContainer();
    container.addEventListener("wheel", () => this.follow(false), { passive: true });
    container.addEventListener("keydown", (e) => {
      if (/^(Arrow|[-+=])/.test(e.key)) this.follow(false);
    });
    container.querySelector(".leaflet-control-zoom").addEventListener("click", () => this.follow(false));
    map.on("resize", () => this.#follows && this.#fitAll());
    this.#button.addEventListener("click", () => this.toggle());
  }

  toggle() { this.follow(!this.#follows); }

  follow(follows) {
    this.#follows = follows;
    this.#button.setAttribute("aria-pressed", follows);
    if (follows) this.#fitAll();
  }

  // show brings one warning into the middle.
  show(warning) {
    this.follow(false);
    const at = middleOf(warning);
    this.#map.setView([at.lat, at.lon], Math.max(this.#map.getZoom(), 18));
  }

  // keep keeps the warnings in view.
  keep(warnings) {
    const now = performance.now();
    this.#remember(warnings, now);
    if (warnings.length > 0 && !this.#began) {
      this.#began = true;
      if (this.#placed) this.#moved = now; // the outline stays for a moment
    }
    if (!this.#follows || now - this.#moved < pause) return;
    this.#turn();
    const active = this.#bounds((o) => o.seen === now);
    if (!active.isValid()) return;
    const all = this.#bounds(() => true);
    const missed = !this.#placed || !this.#map.getBounds().contains(active);
    const nearer = this.#zoomFor(all) - this.#map.getZoom();
    if (missed || nearer >= tooWide || (nearer >= 1 && now - this.#moved > lingers)) this.#fit(all);
  }

  #remember(warnings, now) {
    for (const w of warnings) {
      const places = [w.reference.at, w.target?.at, w.place].filter((place) => place);
      this.#recent.delete(w.id);
      this.#recent.set(w.id, { middle: middleOf(w), places, seen: now });
    }
    for (const [id, o] of this.#recent) {
      if (now - o.seen <= remembered && this.#recent.size <= mostRemembered) break;
      this.#recent.delete(id);
    }
  }

  // turn turns to where most warnings are, and stays there until there are many more of
  // them elsewhere.
  #turn() {
    const all = [...this.#recent.values()];
    const around = (place) => all.reduce((n, o) => n + (metresApart(place, o.middle) <= reach), 0);
    let most = this.#anchor ? 2 * around(this.#anchor) : 0;
    for (let i = 0; i < all.length; i += Math.ceil(all.length / candidates)) {
      const n = around(all[i].middle);
      if (n > most) [this.#anchor, most] = [all[i].middle, n];
    }
  }

  // bounds are those of the places around the anchor, of the warnings that it lets through.
  #bounds(lets) {
    const anchor = this.#anchor;
    const bounds = L.latLngBounds([]);
    for (const o of this.#recent.values()) {
      if (!anchor || !lets(o)) continue;
      for (const place of o.places) {
        // Beyond the 180th meridian the degrees go on, and do not begin anew.
        if (metresApart(anchor, place) <= reach) bounds.extend([place.lat, anchor.lon + between(anchor.lon, place.lon)]);
      }
    }
    return bounds;
  }

  #fitAll() {
    this.#turn();
    const all = this.#bounds(() => true);
    if (all.isValid()) this.#fit(all);
    else if (!this.#began && this.#outline.isValid()) this.#fit(this.#outline);
  }

  #fit(bounds) {
    if (!this.#placed) document.getElementById("first").hidden = true;
    this.#placed = true;
    this.#moved = performance.now();
    const edge = this.#edge();
    this.#map.fitBounds(bounds, { padding: [edge, edge], maxZoom: this.#closest, animate: false });
  }

  #zoomFor(bounds) {
    const edge = this.#edge();
    return Math.min(this.#map.getBoundsZoom(bounds, false, L.point(2 * edge, 2 * edge)), this.#closest);
  }

  #edge() { return Math.min(this.#map.getSize().x, this.#map.getSize().y) * 0.04; }
}

function middleOf(warning) { return warning.place ?? warning.reference.at; }
