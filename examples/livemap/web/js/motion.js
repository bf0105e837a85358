// Motion lets the two stations of a warning glide between messages: each goes on as it
// did when it was last heard of, and slides to where the next message has it instead of
// jumping there.
import { ahead, offset } from "./geo.js";

const farthest = 1500; // ms that somebody is drawn ahead of the last word of them
const settles = 120; // ms in which a slide comes down to a third

export class Motion {
  #made = 0;
  #parties = [null, null];
  #slides = [null, null]; // in metres, from the new course to the old one
  #at = 0; // when the slides began

  update(message, now) {
    const before = this.#made ? this.places(now) : [null, null];
    this.#made = message.made;
    this.#parties = [message.reference, message.target];
    this.#slides = [null, null];
    const after = this.places(now);
    this.#at = now;
    this.#slides = after.map((place, i) => {
      if (!place || !before[i]) return null;
      const slide = offset(place, before[i]);
      return Math.hypot(slide.east, slide.north) > 25 ? null : slide; // that is another one, or a mistake
    });
    return this;
  }

  // places are where the reference and the target are now; null for no target.
  places(now) {
    const since = Math.min(Math.max(now - this.#made, 0), farthest) / 1000;
    const rest = Math.exp(-(now - this.#at) / settles);
    return this.#parties.map((party, i) => {
      if (!party) return null;
      const slide = this.#slides[i];
      const way = (party.speed ?? 0) * since;
      return ahead(party.at, party.heading ?? 0, way, slide ? slide.east * rest : 0, slide ? slide.north * rest : 0);
    });
  }
}
