import assert from 'node:assert/strict';
import test from 'node:test';

import { decode, duration, encode } from '../morse.mjs';

test('letters, words and figures are encoded', () => {
  assert.equal(encode('SOS'), '... --- ...');
  assert.equal(encode('  pilot   7 '), '.--. .. .-.. --- - / --...');
  assert.equal(encode(''), '');
});

test('what is encoded can be decoded', () => {
  const text = 'REQUIRE A TUG AT 04.30, BERTH 9?';

  assert.equal(decode(encode(text)), text);
});

test('a character without a code is refused', () => {
  assert.throws(() => encode('smörgås'), RangeError);
});

test('a code without a letter is refused', () => {
  assert.throws(() => decode('......--'), /no letter for/);
});

test('PARIS takes fifty units with the gap after it', () => {
  assert.equal(duration(encode('PARIS')) + 7, 50);
});

test('two words are seven units apart', () => {
  assert.equal(duration('. / .'), 9);
  assert.equal(duration(''), 0);
});
