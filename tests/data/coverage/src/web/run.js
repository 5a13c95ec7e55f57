const assert = require('node:assert');
const { Cart, describe, sold } = require('./lib/cart.js');

const cart = new Cart();
assert.strictEqual(describe(cart.add('apple', 2).add('leek')), 'small');
assert.strictEqual(cart.add('apple').size, 4);
assert.strictEqual(describe(cart), 'large');
assert.strictEqual(cart.kind('pear'), 'fruit');
assert.strictEqual(cart.kind('stone'), null);
assert.strictEqual(sold(), 4);
