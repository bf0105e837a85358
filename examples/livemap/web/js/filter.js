// Filter lets through what somebody wants to see, on the map and in the list.
export class Filter {
  #form = document.getElementById("filters");
  #text = document.getElementById("filter-text");
  #below = document.getElementById("filter-below");
  #clear = document.getElementById("filter-clear");
  #words = [];
  #most = Infinity; // ms

  constructor() {
    this.#form.addEventListener("input", () => this.#read());
    this.#form.addEventListener("submit", (e) => e.preventDefault());
    // The fields are empty only after the event.
    this.#form.addEventListener("reset", () => setTimeout(() => this.#read()));
  }

  lets(warning) {
    if (warning.ttc === null ? this.#most < Infinity : warning.ttc >= this.#most) return false;
    const text = `${warning.pair} ${warning.id}`;
    return this.#words.every((word) => text.includes(word));
  }

  focus() { this.#text.focus(); }
  reset() { this.#form.reset(); }

  #read() {
    this.#words = this.#text.value.split(/\s+/).filter((word) => word);
    const seconds = this.#below.valueAsNumber;
    this.#most = seconds > 0 ? seconds * 1000 : Infinity;
    this.#clear.hidden = this.#words.length === 0 && this.#most === Infinity;
  }
}
