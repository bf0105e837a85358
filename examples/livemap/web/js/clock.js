// Clock is the clock of the server: a browser's may be off, and the time to a collision
// is counted in tenths of a second. It can stand still, for a pause.
export class Clock {
  #offset = null; // ms to add to our own time
  #stopped = null;

  // hear takes the server's time from a message that has just come. A message that was
  // on its way for long makes our clock late, so the earliest counts; but slowly it
  // forgets, since clocks are set.
  hear(serverNow) {
    const offset = serverNow - Date.now();
    if (this.#offset === null || offset > this.#offset) this.#offset = offset;
    else this.#offset += (offset - this.#offset) * 0.05;
  }

  stop() { this.#stopped = this.now(); }
  go() { this.#stopped = null; }

  now() { return this.#stopped ?? Date.now() + (this.#offset ?? 0); }
}
