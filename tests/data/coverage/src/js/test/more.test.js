const test = require('node:test');
const assert = require('node:assert');
const { Queue } = require('../lib/queue.js');

test('equal numbers keep their order', () => {
  const queue = new Queue().push(1, 'a').push(1, 'b');
  assert.strictEqual(queue.pop(), 'a');
  queue.clear();
  assert.strictEqual(queue.pop(), undefined);
});
