"""Tide tables for the notice board."""

from .table import clock, day_table

__all__ = ["clock", "day_table"]
