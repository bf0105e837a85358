// Feed brings what the server tells, for as long as the page can be seen. After a break it
// says what it has seen last, and gets what it missed, or everything anew.
const silence = 12000; // ms without a word, after which the connection is dead
const longestPause = 10000; // ms between two attempts

export class Feed {
  #clock;
  #warnings;
  #tell;
  #source = null;
  #last = "";
  #watch = 0;
  #attempts = 0;
  #began = 0;
  #retry = 0;
  #paused = false;

  // tell gets one of "live", "lost" (no server), "waiting" (the server has no DENMs).
  constructor(clock, warnings, tell) {
    this.#clock = clock;
    this.#warnings = warnings;
    this.#tell = tell;
    // A phone that was asleep need not wait for the watch.
    addEventListener("online", () => this.#again(0));
    // A browser has few connections for one server, and windows that nobody sees would
    // take them from those that somebody does.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#stop() : this.start()));
  }

  start() {
    this.#stop();
    if (this.#rests()) return;
    const source = new EventSource("events" + (this.#last ? `?last=${this.#last}` : ""));
    this.#source = source;
    this.#began = performance.now();
    source.addEventListener("state", (e) => this.#state(JSON.parse(e.data)));
    source.addEventListener("snapshot", (e) => {
      this.#warnings.replace(JSON.parse(e.data), this.#clock.now());
      this.#heard(e);
    });
    source.addEventListener("dropped", (e) => this.#warnings.leaveOut(JSON.parse(e.data)));
    source.addEventListener("denm", (e) => {
      this.#warnings.apply(JSON.parse(e.data), this.#clock.now());
      this.#heard(e);
    });
    // The browser tries again by itself only after some errors, and each browser after
    // others; so we do it.
    source.addEventListener("error", () => this.#again());
    this.#listen();
  }

  // toggle pauses or goes on, and returns whether it is paused now. What happens in a
  // pause is not lost: the server keeps it for a while.
  toggle() {
    this.#paused = !this.#paused;
    if (this.#paused) {
      this.#stop();
      this.#clock.stop();
    } else {
      this.#clock.go();
      this.start();
    }
    return this.#paused;
  }

  #state(state) {
    this.#clock.hear(state.now);
    this.#warnings.leftOut = state.leftOut;
    // Who is let in and dropped at once must not try as fast as it can.
    if (performance.now() - this.#began > 3000) this.#attempts = 0;
    this.#tell(state.connected ? "live" : "waiting");
    this.#listen();
  }

  // rests reports whether nothing is to be heard now.
  #rests() { return this.#paused || document.hidden; }

  #heard(event) {
    if (event.lastEventId) this.#last = event.lastEventId;
    this.#listen();
  }

  // listen sets the watch anew.
  #listen() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#again(0), silence);
  }

  #again(pause = Math.min(500 * 2 ** this.#attempts, longestPause)) {
    if (this.#rests()) return;
    this.#stop();
    this.#attempts++;
    this.#tell("lost");
    this.#retry = setTimeout(() => this.start(), pause * (0.75 + Math.random() / 2));
  }

  #stop() {
    clearTimeout(this.#watch);
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }
}
