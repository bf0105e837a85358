// Headline shows what one sees from across the room: the nearest collision, the
// counters, and whether the connection is alive.
const order = { none: 0, far: 1, near: 2, now: 3 };
const calms = 800; // ms

export class Headline {
  #source;
  #paused = false;
  #state = "";
  #texts = {};
  #coloured = 0;

  constructor(source) {
    this.#source = source;
  }

  show(shown, warnings, now) {
    const all = warnings.size + warnings.leftOut;
    this.#nearest(shown, warnings.ended, now);
    this.#write("count-active", shown.length === all ? `${shown.length}` : `${shown.length} of ${all}`);
    for (const kind of ["new", "update", "cancel"]) {
      this.#write(`count-${kind}`, warnings.rates.perMinute(kind, now).toLocaleString("en"));
    }
  }

  // link says how the connection is: "live", "waiting" or "lost".
  link(state) {
    this.#state = state;
    this.#connection();
  }

  pause(paused) {
    this.#paused = paused;
    this.#connection();
  }

  #connection() {
    const texts = { live: this.#source, waiting: `no connection to ${this.#source}`, lost: "connection lost, trying again" };
    const state = this.#paused ? "paused" : this.#state;
    const veil = document.getElementById("veil");
    document.getElementById("link").dataset.state = state === "waiting" ? "lost" : state;
    this.#write("link-text", this.#paused ? "paused" : texts[state] ?? "connecting");
    document.getElementById("link").title = document.getElementById("link-text").textContent;
    veil.hidden = !this.#paused && state === "live";
    veil.textContent = { paused: "Paused. Press space to go on.", waiting: "The source of the warnings is away. What you see may be old.", lost: "Connection lost. What you see may be old." }[state] ?? "";
  }

  #nearest(shown, ended, now) {
    const alive = shown.filter((w) => w.ttc !== null && !w.silent);
    const nearest = alive.reduce((least, w) => (!least || w.ttc < least.ttc ? w : least), null);
    this.#colour(nearest?.level ?? "none");
    this.#write("nearest-number", nearest ? (nearest.ttc / 1000).toFixed(1) : "–");
    this.#write("nearest-unit", nearest ? "s" : "");
    if (nearest) {
      this.#write("nearest-what", nearest.pair);
      this.#write("nearest-more", alive.length > 1 ? `the nearest of ${alive.length}` : "the only one");
      return;
    }
    if (this.#state !== "live") {
      this.#write("nearest-what", "No collision is known");
      this.#write("nearest-more", "there is no connection");
      return;
    }
    this.#write("nearest-what", "No collision ahead");
    const last = ended[ended.length - 1];
    this.#write("nearest-more", last ? `the last warning ended ${ago(now - last.at)} ago` : "and none in the last minutes");
  }

  // colour shows a level in the colour of the box. It gets more urgent at once, and less
  // urgent not so soon that the box would flicker.
  #colour(level) {
    const box = document.getElementById("nearest");
    const shown = box.dataset.level;
    if (level === shown) return;
    if (order[level] < order[shown] && performance.now() - this.#coloured < calms) return;
    this.#coloured = performance.now();
    box.dataset.level = level;
  }

  #write(id, text) {
    if (this.#texts[id] === text) return;
    this.#texts[id] = text;
    document.getElementById(id).textContent = text;
  }
}

function ago(ms) {
  const seconds = Math.max(Math.round(ms / 1000), 0);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
