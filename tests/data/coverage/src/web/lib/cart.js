'use strict';

const limits = { count: 9, size: 3 }; let sold = 0;

class Cart {
  items = new Map();

  constructor(owner = 'nobody') {
    this.owner = owner;
  }

  add(name, count = 1) {
    if (count > limits.count) throw new RangeError('too many');
    const before = this.items.get(name) || 0;
    this.items.set(name, before + count); sold += count;
    return this;
  }

  kind(name) {
    switch (name) {
      case 'apple':
      case 'pear':
        return 'fruit';
      case 'leek':
        return 'vegetable';
      default:
        return name && name.startsWith('x') ? 'odd' : null;
    }
  }

  get size() {
    return [...this.items.values()].reduce((sum, n) => sum + n, 0);
  }
}

const describe = function (cart) {
  if (cart.size > limits.size) {
    return 'large';
  } else if (cart.size) {
    return 'small';
  }
  return 'empty';
};

function unused(cart) { return cart.items ?? []; }

module.exports = { Cart, describe, unused, sold: () => sold };
