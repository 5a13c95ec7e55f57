"""How much water a ship has under her keel."""

from .clearance import clearance, may_pass, squat

__all__ = ["clearance", "may_pass", "squat"]
