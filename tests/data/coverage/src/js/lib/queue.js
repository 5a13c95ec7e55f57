// A queue of jobs, lowest number first.
'use strict';

/* Compares two jobs:
   first by number, then by age. */
function before(a, b) {
  if (a.number !== b.number) {
    return a.number < b.number;
  }
  return a.age < b.age; // older first
}

class Queue {
  #jobs = [];
  #age = 0;

  push(number, what) {
    const job = { number, what, age: this.#age++ };
    let at = this.#jobs.findIndex((other) => before(job, other));
    if (at < 0) {
      at = this.#jobs.length;
    }
    this.#jobs.splice(at, 0, job);
    return this;
  }

  pop() {
    return this.#jobs.length
      ? this.#jobs.shift().what
      : undefined;
  }

  drain(each) {
    for (let what = this.pop(); what !== undefined; what = this.pop()) {
      each(what);
    }
  }

  clear() {
    this.#jobs = [];
  }
}

module.exports = { Queue, before };
