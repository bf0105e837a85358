// Degrees and metres, near enough for a town.
const metresPerDegree = 111320;
const radian = Math.PI / 180;

// At a pole a degree to the east has no length, and nothing could be divided by it.
export function metresEast(latitude) { return metresPerDegree * Math.max(Math.cos(latitude * radian), 0.001); }
export const metresNorth = metresPerDegree;

// between is how many degrees it is to the east from one longitude to another, -180 to
// 180: over the 180th meridian, where that is shorter.
export function between(from, to) { return to - from - 360 * Math.round((to - from) / 360); }

// ahead is the place that lies so many metres from another one in a direction, in
// degrees from north, and some metres more to the east and to the north.
export function ahead(place, heading, metres, east = 0, north = 0) {
  const angle = heading * radian;
  return {
    lat: place.lat + (Math.cos(angle) * metres + north) / metresNorth,
    lon: place.lon + (Math.sin(angle) * metres + east) / metresEast(place.lat),
  };
}

// offset is the way from one place to another in metres.
export function offset(from, to) {
  return { east: between(from.lon, to.lon) * metresEast(from.lat), north: (to.lat - from.lat) * metresNorth };
}

export function metresApart(from, to) {
  const way = offset(from, to);
  return Math.hypot(way.east, way.north);
}

// A box is a part of the world: its middle, and how many degrees it reaches from there.
export function boxOf(south, west, north, east) {
  return { lat: (south + north) / 2, lon: (west + east) / 2, up: (north - south) / 2, aside: (east - west) / 2 };
}

export function boxAround(places) {
  let [south, west, north, east] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { lat, lon } of places) {
    [south, north] = [Math.min(south, lat), Math.max(north, lat)];
    [west, east] = [Math.min(west, lon), Math.max(east, lon)];
  }
  return boxOf(south, west, north, east);
}

// meet reports whether two boxes have anything in common.
export function meet(a, b) {
  return Math.abs(a.lat - b.lat) <= a.up + b.up && Math.abs(between(a.lon, b.lon)) <= a.aside + b.aside;
}
