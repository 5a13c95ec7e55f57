"""Weighing lorries."""

STEP_KG = 20


def to_step(kg):
    """The weight as a whole number of the scale's steps, in kilograms."""
    if kg < 0:
        raise ValueError("the scale shows less than nothing")
    return round(kg / STEP_KG) * STEP_KG


def net_weight(loaded_kg, empty_kg):
    """Weight of the load in kilograms."""
    net = to_step(loaded_kg) - to_step(empty_kg)
    if net < 0:
        raise ValueError("heavier empty than loaded")
    return net
