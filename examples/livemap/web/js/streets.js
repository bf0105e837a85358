// Streets draws the streets that the server knows of, if it knows any.
import { CanvasLayer } from "./canvaslayer.js";

const width = 14; // m

export const Streets = CanvasLayer.extend({
  options: { pane: "tilePane" },

  initialize(theme, streets) {
    this.theme = theme;
    this.streets = streets.map((street) => street.map(([lat, lon]) => ({ lat, lon })));
  },

  draw(context) {
    const pixels = Math.max(width * this.metre(), 1.5);
    context.lineCap = "round";
    // First all kerbs and then all streets, so that no kerb crosses a street.
    for (const [colour, wider] of [["kerb", 2], ["street", 0]]) {
      context.strokeStyle = this.theme.colour(colour);
      context.lineWidth = pixels + wider;
      context.beginPath();
      for (const [from, to] of this.streets) {
        const [a, b] = [this.at(from), this.at(to)];
        context.moveTo(a.x, a.y);
        context.lineTo(b.x, b.y);
      }
      context.stroke();
    }
    if (pixels < 8) return;
    context.setLineDash([pixels / 3, pixels / 2]);
    context.lineCap = "butt";
    context.lineWidth = 1;
    context.strokeStyle = this.theme.colour("kerb");
    context.beginPath();
    for (const [from, to] of this.streets) {
      const [a, b] = [this.at(from), this.at(to)];
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
    }
    context.stroke();
    context.setLineDash([]);
  },
});
