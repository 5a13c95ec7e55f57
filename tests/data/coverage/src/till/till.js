class Till {
  constructor(name) {}
  open(a) {
    if (a && this.x) return 1;
    return a ? 2 : 3;
  }
  shut() {
    const f = () => 4;
    return f();
  }
}
class Empty {
  constructor() {}
  nop() {}
}
new Till('x').open(1); new Empty().nop();
