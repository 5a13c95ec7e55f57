import test from 'node:test';
import assert from 'node:assert';
import { slug, flags } from '../lib/text.mjs';

test('slugs are plain', () => {
  assert.strictEqual(slug('Ä b'), 'a-b');
});

test('flags', () => {
  assert.match(flags('abc'), /short/);
});
