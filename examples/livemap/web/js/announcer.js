// Announcer tells those who cannot see the page what is urgent: each warning once, and
// no more than one every few seconds.
const pause = 5000; // ms

export class Announcer {
  #place = document.getElementById("said");
  #said = new Set();
  #last = -pause;

  hear(warnings) {
    const ids = new Set(warnings.map((w) => w.id));
    for (const id of this.#said) if (!ids.has(id)) this.#said.delete(id);
    if (performance.now() - this.#last < pause) return;
    const urgent = warnings.find((w) => w.level === "now" && !this.#said.has(w.id));
    if (!urgent) return;
    this.#said.add(urgent.id);
    this.#last = performance.now();
    this.#place.textContent = `Collision in ${(urgent.ttc / 1000).toFixed(1)} seconds: ${urgent.pair.replace("↔", "and")}`;
  }
}
