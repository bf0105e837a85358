// List is the table of the warnings. Rows are kept and changed where something changed,
// and they do not change places under a pointer or a focus.
const mostRows = 100;

const keys = {
  ttc: (w) => (w.silent ? Infinity : w.ttc ?? Infinity),
  pair: (w) => w.reference.station,
  speed: (w) => Math.max(w.reference.speed ?? 0, w.target?.speed ?? 0),
  age: (w) => -w.since,
};

export class List {
  #choose;
  #body = document.getElementById("rows");
  #empty = document.getElementById("empty");
  #more = document.getElementById("more");
  #heads = [...document.querySelectorAll("th button")];
  #rows = new Map(); // by id, each with its cells
  #key = "ttc";
  #down = false;
  #shown = [];
  #knows = true; // what there is

  constructor(choose) {
    this.#choose = choose;
    for (const head of this.#heads) head.addEventListener("click", () => this.sort(head.dataset.sort));
    this.#body.addEventListener("click", (e) => {
      const row = e.target.closest("tr");
      if (row) this.#choose(row.dataset.id);
    });
  }

  // sort sorts by a column, and the other way round when it does so already.
  sort(key) {
    this.#down = key === this.#key && !this.#down;
    this.#key = key;
    for (const head of this.#heads) {
      const cell = head.closest("th");
      if (head.dataset.sort === key) cell.setAttribute("aria-sort", this.#down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }

  // sortNext sorts by the next column.
  sortNext() {
    const names = this.#heads.filter((head) => head.checkVisibility()).map((head) => head.dataset.sort);
    this.sort(names[(names.indexOf(this.#key) + 1) % names.length]);
  }

  // step moves the focus to the next row, or to the one before.
  step(by) {
    const buttons = [...this.#body.querySelectorAll("button")];
    const now = buttons.indexOf(document.activeElement);
    const next = buttons[now < 0 ? (by > 0 ? 0 : buttons.length - 1) : Math.min(Math.max(now + by, 0), buttons.length - 1)];
    next?.focus();
  }

  // link says how the connection is: "live", "waiting" or "lost".
  link(state) { this.#knows = state === "live"; }

  // leftOut is how many more warnings there are than the server keeps.
  show(warnings, chosen, now, leftOut) {
    const sorted = this.#held() ? this.#inPlace(warnings) : this.#sorted(warnings);
    this.#shown = sorted.slice(0, mostRows);
    const ids = new Set(this.#shown.map((w) => w.id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      this.#leave(row);
      this.#rows.delete(id);
    }
    this.#shown.forEach((w, i) => {
      const row = this.#rows.get(w.id) ?? this.#add(w.id);
      this.#fill(row, w, w.id === chosen, now);
      if (this.#body.children[i] !== row.tr) this.#body.insertBefore(row.tr, this.#body.children[i] ?? null);
    });
    this.#empty.hidden = sorted.length > 0;
    set(this.#empty, "textContent", this.#knows ? "Nothing to warn of." : "No warning is known.");
    this.#more.hidden = sorted.length <= mostRows && leftOut === 0;
    const more = sorted.length > mostRows ? `and ${sorted.length - mostRows} more` : "";
    set(this.#more, "textContent", [more, leftOut > 0 ? `${leftOut} left out, there are too many` : ""].filter((t) => t).join("; "));
  }

  // held reports whether somebody is about to press a row.
  #held() { return this.#body.matches(":hover") || this.#body.contains(document.activeElement); }

  #sorted(warnings) {
    const key = keys[this.#key];
    const sign = this.#down ? -1 : 1;
    return warnings.slice().sort((a, b) => sign * (key(a) - key(b) || a.since - b.since));
  }

  // inPlace leaves the rows where they are, and puts new ones behind them.
  #inPlace(warnings) {
    const places = new Map(this.#shown.map((w, i) => [w.id, i]));
    return warnings.slice().sort((a, b) => (places.get(a.id) ?? Infinity) - (places.get(b.id) ?? Infinity) || a.since - b.since);
  }

  #add(id) {
    const tr = document.createElement("tr");
    tr.dataset.id = id;
    const cells = [0, 1, 2, 3].map(() => tr.appendChild(document.createElement("td")));
    cells[0].append(Object.assign(document.createElement("i"), { className: "sign" }), document.createTextNode(""));
    const button = cells[1].appendChild(Object.assign(document.createElement("button"), { type: "button" }));
    cells[2].className = cells[3].className = "number";
    const row = { tr, time: cells[0].lastChild, button, speed: cells[2], age: cells[3] };
    this.#rows.set(id, row);
    return row;
  }

  #fill(row, w, chosen, now) {
    mark(row.tr, "level", w.level);
    mark(row.tr, "silent", w.silent ? "" : undefined);
    mark(row.tr, "chosen", chosen ? "" : undefined);
    set(row.button, "ariaCurrent", chosen ? "true" : null);
    set(row.time, "data", w.ttc === null || w.silent ? "–" : `${(w.ttc / 1000).toFixed(1)} s`);
    set(row.button, "textContent", w.pair);
    const whole = `${w.pair}, event ${w.id}`;
    set(row.button, "title", whole);
    set(row.tr, "title", whole);
    set(row.speed, "textContent", `${number(w.reference.speed)} · ${number(w.target?.speed)}`);
    set(row.age, "textContent", `${Math.max(Math.round((now - w.since) / 1000), 0)} s`);
  }

  // leave removes a row, and does not let the focus fall out of the list with it.
  #leave(row) {
    const had = row.tr.contains(document.activeElement);
    const next = row.tr.nextElementSibling ?? row.tr.previousElementSibling;
    row.tr.remove();
    if (had) (next?.querySelector("button") ?? document.getElementById("list")).focus();
  }
}

function number(speed) { return speed == null ? "?" : speed.toFixed(0); }

// set writes only what changed, so that nothing is laid out again for nothing.
function set(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

function mark(node, name, value) {
  if (node.dataset[name] === value) return;
  if (value === undefined) delete node.dataset[name];
  else node.dataset[name] = value;
}
