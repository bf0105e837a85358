// Warnings holds the warnings that are active, what ended lately, and how many there
// were. It knows neither the screen nor the network.
import { Motion } from "./motion.js";
import { Rates } from "./rates.js";

const remembered = 5 * 60 * 1000; // ms that the place of an ended one stays visible
const mostEnded = 300;
const silentAfter = 1200; // ms
const overAfter = 300; // ms after the predicted moment, without another word

export class Warnings {
  #byId = new Map();
  rates = new Rates();
  leftOut = 0; // how many more there are than the server keeps
  ended = []; // {place, at, pair, least}: where, when, who, and how near it came; oldest first

  // apply takes one message over.
  apply(message, now) {
    this.rates.count(message.kind, message.made);
    if (message.kind === "cancel") {
      this.#end(message.id, now);
      return;
    }
    const known = this.#byId.get(message.id);
    const warning = known ?? { id: message.id, since: message.made, least: Infinity };
    Object.assign(warning, {
      made: message.made,
      until: message.until,
      reference: message.reference,
      target: message.target,
      place: message.place,
      face: message.face,
      predicted: message.ttc,
      pair: pairOf(message),
    });
    warning.motion = (known?.motion ?? new Motion()).update(message, now);
    this.#byId.set(message.id, warning);
  }

  // leaveOut drops one that the server keeps no more, though it has not ended.
  leaveOut(id) { this.#byId.delete(id); }

  // replace forgets what is not among the messages.
  replace(messages, now) {
    const ids = new Set(messages.map((m) => m.id));
    for (const id of this.#byId.keys()) if (!ids.has(id)) this.#byId.delete(id);
    for (const message of messages) this.apply({ ...message, kind: "known" }, now);
  }

  // tidy drops what has ended without a word.
  tidy(now) {
    for (const [id, w] of this.#byId) if (w.until < now) this.#end(id, now);
    while (this.ended[0]?.at < now - remembered) this.ended.shift();
  }

  // active returns the warnings with what is true of them at this moment: ttc in ms,
  // level and silent.
  active(now) {
    const list = [...this.#byId.values()];
    for (const w of list) {
      const left = w.predicted - Math.max(now - w.made, 0);
      w.ttc = w.predicted === null ? null : Math.max(left, 0);
      w.silent = now - w.made > silentAfter || (w.predicted !== null && left < -overAfter);
      w.level = levelOf(w);
      if (w.ttc !== null) w.least = Math.min(w.least, w.ttc);
    }
    return list;
  }

  get(id) { return this.#byId.get(id); }
  get size() { return this.#byId.size; }

  #end(id, now) {
    const w = this.#byId.get(id);
    if (!w) return;
    this.#byId.delete(id);
    this.ended.push({ place: w.place ?? w.reference.at, at: now, pair: w.pair, least: w.least });
    if (this.ended.length > mostEnded) this.ended.shift();
  }
}

// levelOf is how urgent it is. Who has been silent is not urgent any more: the moment
// has passed, or nobody knows.
function levelOf(w) {
  if (w.ttc === null || w.silent) return "far";
  if (w.ttc < 1000) return "now";
  return w.ttc < 2000 ? "near" : "far";
}

function pairOf({ reference, target }) {
  return target ? `${nameOf(reference)} ↔ ${nameOf(target)}` : nameOf(reference);
}

// nameOf names an object of a station after both.
export function nameOf(party) {
  return party.object ? `${party.station}:${party.object}` : `${party.station}`;
}
