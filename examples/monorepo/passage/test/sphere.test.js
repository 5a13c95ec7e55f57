import assert from 'node:assert/strict';
import test from 'node:test';

import { legs } from '../src/plan.js';
import { distance } from '../src/sphere.js';

test('a degree of latitude is sixty miles', () => {
  assert.ok(Math.abs(distance({ lat: 10, lon: 5 }, { lat: 11, lon: 5 }) - 60) < 1e-9);
});

test('half way round is 10800 miles', () => {
  assert.ok(Math.abs(distance({ lat: 0, lon: 0 }, { lat: 0, lon: 180 }) - 10800) < 1e-6);
});

test('a passage of one point has no legs', () => {
  assert.deepEqual(legs([{ lat: 0, lon: 0 }]), []);
});
