import pytest

from tides import Constituent, extremes, height, rate

# One wave with a period of 12 hours, highest at hour 3.
TWICE_A_DAY = [Constituent("S2", 2.0, 30.0, 90.0)]
# A mixed tide: the second high water of the day is lower.
MIXED = TWICE_A_DAY + [Constituent("S1", 0.5, 15.0, 45.0)]


@pytest.mark.parametrize(
    ("hours", "expected"), [(0, 3.0), (3, 5.0), (6, 3.0), (9, 1.0), (12, 3.0), (-9, 5.0)]
)
def test_height_follows_the_cosine(hours, expected):
    assert height(TWICE_A_DAY, 3.0, hours) == pytest.approx(expected)


def test_height_without_constituents_is_the_mean():
    assert height([], 1.5, 100) == 1.5


def test_rate_is_the_slope_of_the_height():
    step = 1e-5
    for hours in (0.0, 1.3, 7.7, 20.1):
        slope = (height(MIXED, 0, hours + step) - height(MIXED, 0, hours - step)) / (2 * step)
        assert rate(MIXED, hours) == pytest.approx(slope, abs=1e-6)


def test_two_highs_and_two_lows_a_day():
    found = extremes(TWICE_A_DAY, 3.0, 0, 24)

    assert [round(e.hours, 2) for e in found] == [3, 9, 15, 21]
    assert [e.is_high for e in found] == [True, False, True, False]
    assert [e.height_m for e in found] == pytest.approx([5, 1, 5, 1])


def test_a_mixed_tide_has_unequal_highs():
    highs = [e for e in extremes(MIXED, 3.0, 0, 24) if e.is_high]

    assert len(highs) == 2
    assert highs[0].height_m - highs[1].height_m == pytest.approx(1.0, abs=0.05)


def test_still_water_has_no_extremes():
    assert extremes([], 2.0, 0, 24) == []


def test_the_end_must_not_lie_before_the_start():
    with pytest.raises(ValueError, match="before the start"):
        extremes(MIXED, 0, 1, 0)
