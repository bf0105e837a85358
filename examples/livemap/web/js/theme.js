// Theme knows the colours, which the style sheet has, and lets one choose between light,
// dark, and what the system says.
const names = ["auto", "dark", "light"];
const titles = { auto: "Auto", dark: "Dark", light: "Light" };

export class Theme {
  #root = document.documentElement;
  #colours = new Map();
  #listeners = [];
  #size = 16;
  font = "sans-serif";

  constructor() {
    document.getElementById("theme").addEventListener("click", () => this.next());
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#changed());
    addEventListener("resize", () => this.#changed());
    this.set(remembered());
  }

  // next goes on to the next theme.
  next() { this.set(names[(names.indexOf(this.name) + 1) % names.length]); }

  set(name) {
    this.name = names.includes(name) ? name : "auto";
    if (this.name === "auto") delete this.#root.dataset.theme;
    else this.#root.dataset.theme = this.name;
    document.getElementById("theme-text").textContent = titles[this.name];
    remember(this.name);
    this.#changed();
  }

  onChange(listener) { this.#listeners.push(listener); }

  // colour is a colour by the name that it has in the style sheet.
  colour(name) {
    let value = this.#colours.get(name);
    if (value === undefined) {
      value = getComputedStyle(this.#root).getPropertyValue(`--${name}`).trim();
      this.#colours.set(name, value);
    }
    return value;
  }

  // rem is a size in the unit of the style sheet, in pixels.
  rem(n) { return n * this.#size; }

  #changed() {
    this.#colours.clear();
    this.#size = parseFloat(getComputedStyle(this.#root).fontSize);
    this.font = getComputedStyle(document.body).fontFamily;
    for (const listener of this.#listeners) listener();
  }
}

// A browser may refuse to remember anything.
function remembered() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function remember(name) {
  try {
    localStorage.setItem("theme", name);
  } catch {
    // Then it is chosen anew next time.
  }
}
