// measure takes the time of every frame when the page is opened with ?measure, and lets
// a test look at what is drawn: window.livemap. Otherwise it does nothing.
const most = 6000; // frames

export function measure(warnings, scene) {
  if (!new URLSearchParams(location.search).has("measure")) return { begin() {}, end() {} };
  let last = 0;
  let began = 0;
  let between = [];
  let work = [];
  window.livemap = {
    // frames returns how long frames took, in ms, and begins anew.
    frames() {
      const result = { n: between.length, between: spread(between), work: spread(work) };
      [between, work, last] = [[], [], 0];
      return result;
    },
    // drawn returns where the parties of the warnings are on the screen.
    drawn() {
      return scene.warnings.map((w) => ({
        id: w.id,
        level: w.level,
        parties: scene.placesOf(w).filter((p) => p).map((p) => scene.at(p)),
      }));
    },
    ended: () => warnings.ended.length,
  };
  return {
    begin() {
      began = performance.now();
      if (last && between.length < most) between.push(began - last);
      last = began;
    },
    end() {
      if (work.length < most) work.push(performance.now() - began);
    },
  };
}

function spread(times) {
  const sorted = times.slice().sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0;
  return { median: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) };
}
