// Streets draws the streets that the server knows of, if it knows any.
import { CanvasLayer } from "./canvaslayer.js";
import { boxAround, meet } from "./geo.js";

const width = 14; // m
const longest = 64; // points of a piece

// piecesOf makes pieces of the lines as the server has them: some places each, with the
// box around them, so that what is out of view can be passed over.
export function piecesOf(lines) {
  return lines.flatMap((line) => {
    const places = line.map(([lat, lon]) => ({ lat, lon }));
    const pieces = [];
    for (let i = 0; i < places.length - 1; i += longest - 1) {
      const part = places.slice(i, i + longest);
      pieces.push({ places: part, box: boxAround(part) });
    }
    return pieces;
  });
}

// paintStreets paints the streets of which something is in the box view, of their width,
// where a metre is so many pixels long. It returns the path along them, and how many
// pixels wide they are.
export function paintStreets(context, pieces, view, at, metre, theme) {
  const pixels = Math.max(width * metre, 1.5);
  const path = trace(pieces.filter((piece) => meet(piece.box, view)), at);
  context.lineCap = context.lineJoin = "round";
  // First all kerbs and then all streets, so that no kerb crosses a street.
  for (const [colour, wider] of [["kerb", 2], ["street", 0]]) {
    context.strokeStyle = theme.colour(colour);
    context.lineWidth = pixels + wider;
    context.stroke(path);
  }
  context.lineCap = "butt";
  return { path, pixels };
}

function trace(pieces, at) {
  const path = new Path2D();
  for (const { places } of pieces) {
    places.forEach((place, i) => {
      const { x, y } = at(place);
      if (i === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    });
  }
  return path;
}

export const Streets = CanvasLayer.extend({
  options: { pane: "tilePane" },

  initialize(theme, pieces) {
    this.theme = theme;
    this.pieces = pieces;
  },

  draw(context) {
    const { path, pixels } = paintStreets(context, this.pieces, this.view(), (place) => this.at(place), this.metre(), this.theme);
    if (pixels < 8) return;
    context.setLineDash([pixels / 3, pixels / 2]);
    context.lineWidth = 1;
    context.strokeStyle = this.theme.colour("kerb");
    context.stroke(path);
    context.setLineDash([]);
  },
});
