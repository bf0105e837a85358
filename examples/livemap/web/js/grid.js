// Grid draws squares of a round number of metres under everything, with the coordinates
// at the edge, so that there is a scale where there are no tiles.
import { CanvasLayer } from "./canvaslayer.js";
import { metresEast, metresNorth } from "./geo.js";

const sides = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];
const leastPixels = 90;

export const Grid = CanvasLayer.extend({
  options: { pane: "tilePane" },

  initialize(theme) {
    this.theme = theme;
  },

  draw(context, size) {
    const side = sides.find((m) => m * this.metre() >= leastPixels);
    if (!side) return;
    // The lines belong to places, and not to the window; so the side in degrees may
    // only change in steps, also to the east.
    const latitude = Math.round(this._map.getCenter().lat);
    const bounds = this._map.getBounds();
    context.lineWidth = 1;
    context.strokeStyle = this.theme.colour("grid");
    context.fillStyle = this.theme.colour("grid-label");
    context.font = `${this.theme.rem(0.65)}px ${this.theme.font}`;
    const labelled = size.x > 500; // else they are in the way
    const digits = side >= 1000 ? 3 : side >= 100 ? 4 : 5;
    this.lines(bounds.getWest(), bounds.getEast(), side / metresEast(latitude), (degrees) => {
      const x = Math.round(this._map.latLngToContainerPoint([bounds.getNorth(), degrees]).x) + 0.5;
      line(context, x, 0, x, size.y);
      if (labelled && x > 70 && x < size.x - 60) context.fillText(`${degrees.toFixed(digits)}°`, x + 4, size.y - 6);
    });
    this.lines(bounds.getSouth(), bounds.getNorth(), side / metresNorth, (degrees) => {
      const y = Math.round(this._map.latLngToContainerPoint([degrees, bounds.getWest()]).y) + 0.5;
      line(context, 0, y, size.x, y);
      const label = `${degrees.toFixed(digits)}°`;
      if (labelled && y > 20 && y < size.y - 24) context.fillText(label, size.x - context.measureText(label).width - 6, y - 4);
    });
  },

  lines(from, to, step, each) {
    for (let i = Math.ceil(from / step); i * step <= to; i++) each(i * step);
  },
});

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
