'use strict';
// Nobody loads this one.
function never(x) {
  if (x) {
    return 1;
  }
  return 2;
}
module.exports = { never };
