// CanvasLayer is a canvas as large as the map, which stays in place when the map moves.
// What is drawn on it is for those who extend it: draw(context, size) with the place of
// a thing from at(place), in pixels of the screen.
import { between, boxOf, metresEast } from "./geo.js";

const L = window.L;

export const CanvasLayer = L.Layer.extend({
  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "", map.getPane(this.options.pane));
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.style.pointerEvents = "none";
    map.on("move zoom viewreset resize", this.redraw, this);
    this.redraw();
  },

  onRemove(map) {
    map.off("move zoom viewreset resize", this.redraw, this);
    this.canvas.remove();
  },

  // redraw draws as soon as the screen is drawn again, however often it is asked to.
  redraw() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.paint();
    });
  },

  paint() {
    if (!this._map) return;
    this.middle = this._map.getCenter().lng;
    const size = this._map.getSize();
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.x * scale), Math.round(size.y * scale)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${size.x}px`;
      this.canvas.style.height = `${size.y}px`;
    }
    L.DomUtil.setPosition(this.canvas, this._map.containerPointToLayerPoint([0, 0]));
    const context = this.canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, size.x, size.y);
    this.draw(context, size);
  },

  // at is where a place is on the screen. The world repeats itself on the map; it is the
  // one that is nearer to the middle.
  at(place) {
    const middle = this.middle ?? 0;
    return this._map.latLngToContainerPoint([place.lat, middle + between(middle, place.lon)]);
  },

  // view is the box of the world that is on the map, and a bit around it.
  view() {
    const bounds = this._map.getBounds().pad(0.1);
    return boxOf(bounds.getSouth(), bounds.getWest(), bounds.getNorth(), bounds.getEast());
  },

  // metre is how many pixels a metre is long here.
  metre() {
    const centre = this._map.getCenter();
    return (256 * 2 ** this._map.getZoom()) / (360 * metresEast(centre.lat));
  },
});
