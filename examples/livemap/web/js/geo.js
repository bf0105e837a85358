// Degrees and metres, near enough for a town.
const metresPerDegree = 111320;
const radian = Math.PI / 180;

export function metresEast(latitude) { return metresPerDegree * Math.cos(latitude * radian); }
export const metresNorth = metresPerDegree;

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
  return { east: (to.lon - from.lon) * metresEast(from.lat), north: (to.lat - from.lat) * metresNorth };
}
