// The map: Leaflet, without tiles unless the server names some.
const L = window.L;

export function makeMap(settings) {
  const map = L.map("map", {
    // Everything is drawn on canvases the size of the screen, which cannot be stretched
    // while it zooms.
    zoomAnimation: false,
    fadeAnimation: false,
    attributionControl: false,
    zoomSnap: 0.1,
    zoomDelta: 0.5,
    wheelPxPerZoomLevel: 120,
    minZoom: 1, // the world fits on a phone
    maxZoom: 21,
    center: [0, 0],
    zoom: 3,
  });
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  if (settings.tiles) {
    L.tileLayer(settings.tiles, { maxZoom: 21, maxNativeZoom: 19 }).addTo(map);
    const credits = L.control.attribution({ prefix: false }).addTo(map);
    // As text: it comes from a flag, but it is no markup.
    const text = document.createElement("span");
    text.textContent = settings.attribution;
    credits.addAttribution(text.innerHTML);
  }
  // Leaflet learns of its size from the window only, and the panel can change it too.
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  return map;
}
