"""Loading a ship so that she floats upright."""

from .stowage import Hold, Overloaded, Stowage

__all__ = ["Hold", "Overloaded", "Stowage"]
