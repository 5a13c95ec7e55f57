import pytest

from tides import Constituent, read_constituents


def test_comments_and_blank_lines_are_skipped():
    lines = ["# Port Example", "", "M2, 1.21, 28.984104, 47.5  # the moon", "S2,0.4,30,80"]

    assert read_constituents(lines) == [
        Constituent("M2", 1.21, 28.984104, 47.5),
        Constituent("S2", 0.4, 30.0, 80.0),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("M2, 1.21", "line 1: expected 4 fields, found 2"),
        ("M2, high, 28.9, 0", "line 1: not a number"),
        ("M2, -1, 28.9, 0", "line 1: amplitude and speed must be positive"),
        ("M2, 1, 0, 0", "line 1: amplitude and speed must be positive"),
    ],
)
def test_a_bad_line_is_named(line, message):
    with pytest.raises(ValueError, match=message):
        read_constituents([line])
