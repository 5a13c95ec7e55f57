// The earth as a sphere on which a minute of arc is a nautical mile. Positions are { lat, lon } in degrees.

const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (angle) => (angle * 180) / Math.PI;

/** Distance in nautical miles along the great circle. */
export function distance(from, to) {
  const dLat = radians(to.lat - from.lat) / 2;
  const dLon = radians(to.lon - from.lon) / 2;
  const h = Math.sin(dLat) ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.sin(dLon) ** 2;
  return degrees(2 * Math.asin(Math.min(1, Math.sqrt(h)))) * 60;
}

/** Initial bearing in degrees, 0 to 360; north is 0. */
export function bearing(from, to) {
  const dLon = radians(to.lon - from.lon);
  const y = Math.sin(dLon) * Math.cos(radians(to.lat));
  const x = Math.cos(radians(from.lat)) * Math.sin(radians(to.lat))
    - Math.sin(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.cos(dLon);
  return (degrees(Math.atan2(y, x)) + 360) % 360;
}
