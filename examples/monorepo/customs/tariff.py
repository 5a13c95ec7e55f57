"""A tariff is a table from goods codes to rates in percent.

Codes are hierarchical: goods without a rate of their own have that of the
longest code that begins theirs.
"""

from decimal import ROUND_DOWN, Decimal


def read_tariff(lines):
    """Reads lines of "code rate"."""
    tariff = {}
    for line in lines:
        if line.strip():
            code, rate = line.split()
            tariff[code] = Decimal(rate)
    return tariff


def rate(tariff, code):
    """The rate of a code; None when the tariff does not know it."""
    for length in range(len(code), 0, -1):
        if code[:length] in tariff:
            return tariff[code[:length]]
    return None


def duty(tariff, code, value):
    """Duty on goods of a value, whole cents, rounded down."""
    percent = rate(tariff, code)
    if percent is None:
        raise KeyError(code)
    return (Decimal(value) * percent / 100).quantize(Decimal("0.01"), ROUND_DOWN)
