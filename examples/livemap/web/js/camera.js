// Camera decides what part of the world is in view. While it follows, all warnings are,
// and it moves as little as it can: only outwards, and only when one would be missed.
// Who moves the map themselves is left alone.
const L = window.L;
const pause = 1500; // ms between two moves at least

export class Camera {
  #map;
  #button = document.getElementById("follow");
  #home; // what was of interest so far
  #follows = true;
  #moved = 0;
  #placed = false;
  #closest; // with streets there is something to see around them

  constructor(map, streets) {
    this.#map = map;
    this.#closest = streets.length > 0 ? 20 : 18;
    this.#home = L.latLngBounds(streets.flat());
    if (this.#home.isValid()) this.#fit();
    map.on("dragstart", () => this.follow(false));
    const container = map.getContainer();
    container.addEventListener("wheel", () => this.follow(false), { passive: true });
    container.addEventListener("keydown", (e) => {
      if (/^(Arrow|[-+=])/.test(e.key)) this.follow(false);
    });
    container.querySelector(".leaflet-control-zoom").addEventListener("click", () => this.follow(false));
    map.on("resize", () => this.#follows && this.#home.isValid() && this.#fit());
    this.#button.addEventListener("click", () => this.toggle());
  }

  toggle() { this.follow(!this.#follows); }

  follow(follows) {
    this.#follows = follows;
    this.#button.setAttribute("aria-pressed", follows);
    if (follows && this.#home.isValid()) this.#fit();
  }

  // show brings one warning into the middle.
  show(warning) {
    this.follow(false);
    const at = warning.place ?? warning.reference.at;
    this.#map.setView([at.lat, at.lon], Math.max(this.#map.getZoom(), 18));
  }

  // keep keeps the warnings in view.
  keep(warnings) {
    if (warnings.length === 0) return;
    const all = L.latLngBounds(warnings.flatMap((w) => [w.reference.at, w.target?.at, w.place])
      .filter((place) => place).map((place) => [place.lat, place.lon]));
    this.#home.extend(all);
    if (!this.#follows || performance.now() - this.#moved < pause) return;
    if (!this.#placed || !this.#map.getBounds().contains(all)) this.#fit();
  }

  #fit() {
    if (!this.#placed) document.getElementById("first").hidden = true;
    this.#placed = true;
    this.#moved = performance.now();
    const edge = Math.min(this.#map.getSize().x, this.#map.getSize().y) * 0.04;
    this.#map.fitBounds(this.#home, { padding: [edge, edge], maxZoom: this.#closest, animate: false });
  }
}
