"""The tide as a sum of cosines, one for each constituent.

Times are hours since the epoch that the phases refer to, heights are metres
above chart datum.
"""

from dataclasses import dataclass
from math import cos, radians, sin

# Two turns of the fastest constituent in use (M8, 115.9 degrees per hour) are
# more than an hour and a half apart: a quarter of an hour cannot step over one.
STEP_H = 0.25
# Turns are found to within a second.
PRECISION_H = 1 / 3600


@dataclass(frozen=True)
class Constituent:
    name: str
    amplitude_m: float
    speed_deg_per_h: float
    phase_deg: float


@dataclass(frozen=True)
class Extreme:
    hours: float
    height_m: float
    is_high: bool


def height(constituents, mean_m, hours):
    """Height of the tide at a time."""
    return mean_m + sum(
        c.amplitude_m * cos(radians(c.speed_deg_per_h * hours - c.phase_deg))
        for c in constituents
    )


def rate(constituents, hours):
    """Rise of the tide in metres per hour; negative while it falls."""
    return -sum(
        c.amplitude_m
        * radians(c.speed_deg_per_h)
        * sin(radians(c.speed_deg_per_h * hours - c.phase_deg))
        for c in constituents
    )


def extremes(constituents, mean_m, start, end):
    """High and low waters in [start, end), in order of time."""
    if end < start:
        raise ValueError("the end lies before the start")
    found = []
    at = start
    while at < end:
        until = min(at + STEP_H, end)
        before, after = rate(constituents, at), rate(constituents, until)
        if (before > 0) != (after > 0):
            turn = _turn(constituents, at, until, before > 0)
            found.append(Extreme(turn, height(constituents, mean_m, turn), before > 0))
        at = until
    return found


def _turn(constituents, low, high, rising):
    while high - low > PRECISION_H:
        middle = (low + high) / 2
        if (rate(constituents, middle) > 0) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2
