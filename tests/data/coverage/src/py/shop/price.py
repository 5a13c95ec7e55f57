"""Prices in cents."""


class Discount:
    """So many percent off from a minimum on."""

    def __init__(self, percent, minimum=0):
        if not 0 <= percent <= 100:
            raise ValueError("percent out of range")
        self.percent = percent
        self.minimum = minimum

    def apply(self, cents):
        if cents < self.minimum:
            return cents
        return cents - cents * self.percent // 100


def total(items, discount=None):
    cents = 0
    for count, each in items:
        if count < 0:
            raise ValueError("negative count")
        cents += count * each
    if discount:
        cents = discount.apply(cents)
    return cents
