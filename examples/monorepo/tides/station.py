"""The constituents of a station, as hydrographic offices publish them."""

from .harmonics import Constituent


def read_constituents(lines):
    """Reads "name, amplitude, speed, phase" lines; '#' starts a comment."""
    constituents = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        fields = [field.strip() for field in text.split(",")]
        if len(fields) != 4:
            raise ValueError(f"line {number}: expected 4 fields, found {len(fields)}")
        try:
            amplitude, speed, phase = (float(field) for field in fields[1:])
        except ValueError:
            raise ValueError(f"line {number}: not a number in {text!r}") from None
        if amplitude < 0 or speed <= 0:
            raise ValueError(f"line {number}: amplitude and speed must be positive")
        constituents.append(Constituent(fields[0], amplitude, speed, phase))
    return constituents
