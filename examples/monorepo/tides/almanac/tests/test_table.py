import pytest

from tides import Constituent
from tides.almanac import clock, day_table


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, "00:00"), (3.5, "03:30"), (12 + 59.6 / 60, "13:00"), (23.999, "23:59")],
)
def test_clock_rounds_to_the_minute_and_stays_in_the_day(hours, expected):
    assert clock(hours) == expected


def test_a_day_has_its_four_lines():
    assert day_table([Constituent("S2", 2.0, 30.0, 90.0)], 3.0, 2) == [
        "03:00  HW   5.00 m",
        "09:00  LW   1.00 m",
        "15:00  HW   5.00 m",
        "21:00  LW   1.00 m",
    ]


def test_a_sea_without_tide_says_so():
    assert day_table([], 3.0, 0) == ["no high or low water"]
