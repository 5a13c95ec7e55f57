"""The character of a light."""

import re
from dataclasses import dataclass

COLOURS = {"W": "white", "R": "red", "G": "green", "Y": "yellow"}
CHARACTER = re.compile(r"(F|Fl|Oc|Iso|Q)(?:\((\d+)\))?\s+([WRGY])(?:\s+(\d+(?:\.\d+)?)s)?")


@dataclass(frozen=True)
class Light:
    kind: str
    group: int  # flashes or eclipses in a period
    colour: str
    period_s: float  # 0 for a fixed light


def read_light(text):
    """Reads a character such as "Fl(2) W 10s"."""
    match = CHARACTER.fullmatch(text.strip())
    if not match:
        raise ValueError(f"not the character of a light: {text!r}")
    kind, group, colour, period = match.groups()
    if kind == "Q":
        period = period or "1"
    if (kind == "F") != (period is None):
        raise ValueError(f"a period belongs to every light but a fixed one: {text!r}")
    return Light(kind, int(group or 1), COLOURS[colour], float(period or 0))


def is_lit(light, seconds):
    """Whether it shines that long after the start of a period."""
    if light.kind == "F":
        return True
    part = seconds % light.period_s / light.period_s
    if light.kind == "Iso":
        return part < 0.5
    # Groups share the first half of the period; a flash is half of its share.
    in_group = part < 0.5 and part * 2 * light.group % 1 < 0.5
    return not in_group if light.kind == "Oc" else in_group
