"""Lights of buoys and beacons."""

from .light import Light, is_lit, read_light

__all__ = ["Light", "is_lit", "read_light"]
