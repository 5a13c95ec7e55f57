import pytest

from tugs import best_order, length, quick_order

# Nearest first is led astray: it goes right to 1, left to -2, right again to 5.
ASTRAY = [(1, 0), (-2, 0), (5, 0)]


def test_length_of_a_square():
    assert length((0, 0), [(0, 3), (4, 3), (4, 0), (0, 0)]) == 14


def test_no_jobs_no_way():
    assert best_order((0, 0), []) == []
    assert quick_order((0, 0), []) == []


def test_nearest_first_is_not_always_shortest():
    assert length((0, 0), quick_order((0, 0), ASTRAY)) == 11
    assert length((0, 0), best_order((0, 0), ASTRAY)) == 9


def test_too_many_jobs_are_refused():
    with pytest.raises(ValueError, match="use quick_order"):
        best_order((0, 0), [(n, n) for n in range(10)])
