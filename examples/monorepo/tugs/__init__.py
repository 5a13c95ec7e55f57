"""Tugs and their jobs."""

from .planner import best_order, length, quick_order

__all__ = ["best_order", "length", "quick_order"]
