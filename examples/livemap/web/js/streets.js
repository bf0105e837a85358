// Streets draws the streets that the server knows of, if it knows any.
import { CanvasLayer } from "./canvaslayer.js";

const width = 14; // m

// placesOf makes places of the lines as the server has them.
export function placesOf(lines) {
  return lines.map((line) => line.map(([lat, lon]) => ({ lat, lon })));
}

// paintStreets paints streets of their width, where a metre is so many pixels long.
export function paintStreets(context, streets, at, metre, theme) {
  const pixels = Math.max(width * metre, 1.5);
  context.lineCap = context.lineJoin = "round";
  // First all kerbs and then all streets, so that no kerb crosses a street.
  for (const [colour, wider] of [["kerb", 2], ["street", 0]]) {
    context.strokeStyle = theme.colour(colour);
    context.lineWidth = pixels + wider;
    context.beginPath();
    trace(context, streets, at);
    context.stroke();
  }
  context.lineCap = "butt";
  return pixels;
}

function trace(context, streets, at) {
  for (const line of streets) {
    line.forEach((place, i) => {
      const { x, y } = at(place);
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
  }
}

export const Streets = CanvasLayer.extend({
  options: { pane: "tilePane" },

  initialize(theme, streets) {
    this.theme = theme;
    this.streets = placesOf(streets);
  },

  draw(context) {
    const pixels = paintStreets(context, this.streets, (place) => this.at(place), this.metre(), this.theme);
    if (pixels < 8) return;
    context.setLineDash([pixels / 3, pixels / 2]);
    context.lineWidth = 1;
    context.strokeStyle = this.theme.colour("kerb");
    context.beginPath();
    trace(context, this.streets, (place) => this.at(place));
    context.stroke();
    context.setLineDash([]);
  },
});
