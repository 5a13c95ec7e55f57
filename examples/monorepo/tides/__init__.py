"""Tide prediction from harmonic constituents."""

from .harmonics import Constituent, Extreme, extremes, height, rate
from .station import read_constituents

__all__ = ["Constituent", "Extreme", "extremes", "height", "rate", "read_constituents"]
