// Puts the page together. Every module has one job and knows as few others as it can:
//
//   feed → warnings → list, headline, scene, close-up, announcer
//   clock (of the server), filter, camera, keys, theme beside them
//
// All drawing happens in one place, frame() below, once for each frame of the screen,
// however many messages came meanwhile.
import { Announcer } from "./announcer.js";
import { Camera } from "./camera.js";
import { CloseUp } from "./closeup.js";
import { Clock } from "./clock.js";
import { Feed } from "./feed.js";
import { Filter } from "./filter.js";
import { Grid } from "./grid.js";
import { Headline } from "./headline.js";
import { listenToKeys } from "./keys.js";
import { List } from "./list.js";
import { makeMap } from "./map.js";
import { measure } from "./measure.js";
import { Scene } from "./scene.js";
import { piecesOf, Streets } from "./streets.js";
import { Theme } from "./theme.js";
import { Warnings } from "./warnings.js";

const settings = await ask();
const clock = new Clock();
const warnings = new Warnings();
const filter = new Filter();
const theme = new Theme();
const announcer = new Announcer();
const map = makeMap(settings);
const grid = new Grid(theme).addTo(map);
const pieces = piecesOf(settings.streets);
const streets = new Streets(theme, pieces).addTo(map);
const scene = new Scene(theme, choose).addTo(map);
const closeUp = new CloseUp(theme, pieces);
const camera = new Camera(map, settings.streets);
const list = new List(choose);
const headline = new Headline(settings.source);
const feed = new Feed(clock, warnings, (state) => [headline, list].forEach((part) => part.link(state)));
const meter = measure(warnings, scene);

let chosen = null; // the id of the warning that somebody looks at
let tidied = 0;

theme.onChange(() => [grid, streets, scene].forEach((layer) => layer.redraw()));
listenToKeys({ pause, list, filter, camera, theme, clear: () => choose(null) });
document.getElementById("pause").addEventListener("click", pause);
feed.start();
requestAnimationFrame(frame);

// ask gets the settings, however long the server takes to come.
async function ask() {
  for (;;) {
    try {
      const answer = await fetch("settings.json");
      if (answer.ok) return await answer.json();
    } catch {
      // It is not there yet.
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}

function choose(id) {
  chosen = id;
  const warning = warnings.get(id);
  if (warning) camera.show(warning);
}

function pause() {
  const paused = feed.toggle();
  document.getElementById("pause").setAttribute("aria-pressed", paused);
  headline.pause(paused);
}

function frame() {
  meter.begin();
  const now = clock.now();
  warnings.tidy(now);
  const shown = warnings.active(now).filter((w) => filter.lets(w));
  scene.show(shown, warnings.ended, chosen, now);
  closeUp.show(shown, chosen, now);
  // Text that changes sixty times a second can be read by nobody.
  if (performance.now() - tidied >= 100) {
    tidied = performance.now();
    headline.show(shown, warnings, now);
    list.show(shown, chosen, now, warnings.leftOut);
    announcer.hear(shown);
    camera.keep(shown);
  }
  meter.end();
  requestAnimationFrame(frame);
}
