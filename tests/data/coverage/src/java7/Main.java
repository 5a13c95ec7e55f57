public class Main {
    public static void main(String[] args) {
        shop.Till t = new shop.Till(2);
        t.put("a").put("b");
        try { t.put("c"); } catch (IllegalStateException e) { System.out.println(e.getMessage()); }
        System.out.println(t.label(1) + t.label(50));
    }
}
