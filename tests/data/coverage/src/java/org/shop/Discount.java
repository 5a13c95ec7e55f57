package org.shop;

/** What is taken off a price. */
public interface Discount {
    int percent();

    default int apply(int cents) {
        int off = percent() > 100 ? 100 : percent();

        return cents - cents * off / 100;
    }
}

class NoDiscount implements Discount {
    @Override
    public int percent() {
        return 0;
    }
}
