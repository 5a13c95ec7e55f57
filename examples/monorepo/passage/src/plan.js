import { bearing, distance } from './sphere.js';

/** Legs between way points: distance in nautical miles, bearing in degrees. */
export function legs(points) {
  const result = [];
  for (let i = 1; i < points.length; i += 1) {
    result.push({
      distance: distance(points[i - 1], points[i]),
      bearing: bearing(points[i - 1], points[i]),
    });
  }
  return result;
}

/** Time of arrival of a ship that departs at a Date and makes good a speed in knots. */
export function arrival(points, departure, knots) {
  if (!(knots > 0)) {
    throw new RangeError('a ship without way never arrives');
  }
  const miles = legs(points).reduce((sum, leg) => sum + leg.distance, 0);
  return new Date(departure.getTime() + (miles / knots) * 3_600_000);
}

/** The passage plan as text, one line for each leg. */
export function describe(points) {
  return legs(points)
    .map((leg, i) => {
      const course = String(Math.round(leg.bearing) % 360).padStart(3, '0');
      return `leg ${i + 1}: ${course} degrees, ${leg.distance.toFixed(1)} nm`;
    })
    .join('\n');
}
