const test = require('node:test');
const { describe, it } = require('node:test');
const assert = require('node:assert');
const { Queue } = require('../lib/queue.js');

describe('a queue', () => {
  it('gives the lowest number first', () => {
    const queue = new Queue().push(2, 'b').push(1, 'a');
    assert.strictEqual(queue.pop(), 'a');
    assert.strictEqual(queue.pop(), 'b');
  });
  it('is stable', { skip: 'not decided yet' }, () => {});
  it('will have limits', { todo: true }, () => {
    assert.ok(false);
  });
});

test('drain empties # it', async (t) => {
  const seen = [];
  new Queue().push(1, 'x').drain((what) => seen.push(what));
  await t.test('in order', () => assert.deepStrictEqual(seen, ['x']));
  await t.test('once', () => assert.strictEqual(seen.length, 1));
});

test('is wrong on purpose', () => {
  assert.strictEqual(new Queue().pop(), 'nothing');
});
