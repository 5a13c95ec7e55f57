package org.shop;

import java.util.ArrayList;
import java.util.List;

/** What a customer wants to buy. */
public class Cart {
    /** Some of one thing. */
    static class Line {
        final String what;
        final int cents, count;

        Line(String what, int cents, int count) {
            this.what = what;
            this.cents = cents;
            this.count = count;
        }

        int total() { return cents * count; }
    }

    private final List<Line> lines = new ArrayList<>();

    public void add(String what, int cents, int count) {
        if (count <= 0 || cents < 0)
            throw new IllegalArgumentException(what);
        lines.add(new Line(what, cents, count));
    }

    public int total() {
        return lines.stream().mapToInt(line -> line.total()).sum();
    }

    public String size() {
        switch (lines.size()) {
        case 0:
            return "empty";
        case 1:
            return "one";
        default:
            return "many";
        }
    }

    public void clear() {
        lines.clear();
    }
}
