from depot.shelf import Shelf, heaviest

assert Shelf(1).put("a").find("b") is None
assert heaviest([("a", 1), ("b", 3)]) == ("b", 3)
