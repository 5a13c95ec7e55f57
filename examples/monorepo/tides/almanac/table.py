"""A day's high and low waters as text."""

from tides import extremes


def clock(hours):
    """Hours after midnight as "hh:mm", to the nearest minute, at most 23:59."""
    minutes = min(int(hours * 60 + 0.5), 24 * 60 - 1)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def day_table(constituents, mean_m, day):
    """The lines of the table of day number `day`, one for each high or low water."""
    start = day * 24
    lines = []
    for extreme in extremes(constituents, mean_m, start, start + 24):
        kind = "HW" if extreme.is_high else "LW"
        lines.append(f"{clock(extreme.hours - start)}  {kind}  {extreme.height_m:5.2f} m")
    if not lines:
        lines.append("no high or low water")
    return lines
