import org.shop.Cart;
import org.shop.Discount;

public class Main {
    public static void main(String[] args) {
        Cart cart = new Cart();
        Discount half = () -> 50;

        cart.add("tea", 250, 2);
        System.out.println(cart.size() + " " + half.apply(cart.total()));
        try {
            cart.add("air", 1, 0);
        } catch (IllegalArgumentException e) {
            System.out.println("no " + e.getMessage());
        }
        if (args.length > 0)
            cart.clear();
    }
}
