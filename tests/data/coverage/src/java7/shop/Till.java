package shop;

import java.util.ArrayList;
import java.util.List;

public class Till {
    private final List<String> items = new ArrayList<>();
    private final int limit;

    public Till(int limit) {
        this.limit = limit > 0 ? limit : 1;
    }

    public Till put(String item) {
        if (items.size() >= limit || item == null)
            throw new IllegalStateException("full");
        items.add(item);
        return this;
    }

    public String label(int n) {
        switch (n) {
        case 1:
            return "one";
        case 2:
        case 3:
            return "few";
        default:
            return n > 100 && n < 1000 ? "many" : "some";
        }
    }

    enum Size { SMALL, LARGE }

    class Drawer {
        Size size = Size.SMALL;
        int never() { return size == Size.LARGE ? 1 : 2; }
    }

    Runnable lazy() {
        return new Runnable() { public void run() { put(null); } };
    }
}
