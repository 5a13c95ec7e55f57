from depot.shelf import Shelf, sort_in

shelves = [Shelf(1), Shelf(2)]
assert sort_in(["a", "b"], shelves) == []
assert shelves[1].find("a") == 0
