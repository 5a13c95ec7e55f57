"""Duty on declared goods."""

from .tariff import duty, read_tariff

__all__ = ["duty", "read_tariff"]
