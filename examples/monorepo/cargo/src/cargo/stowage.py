"""Weights in holds, and what they do to the ship's trim."""

from dataclasses import dataclass


class Overloaded(ValueError):
    """More weight than a hold may carry."""


@dataclass(frozen=True)
class Hold:
    name: str
    arm_m: float  # from midships, positive towards the stern
    limit_t: float


class Stowage:
    """What is stowed in which hold. Weights are tonnes."""

    def __init__(self, holds, moment_to_trim_tm):
        if moment_to_trim_tm <= 0:
            raise ValueError("the moment to trim one metre must be positive")
        self._holds = {hold.name: hold for hold in holds}
        self._weights = {hold.name: 0.0 for hold in holds}
        self._moment_to_trim = moment_to_trim_tm

    def load(self, hold, weight_t):
        """Adds weight to a hold; nothing is loaded when it would be too much."""
        if weight_t < 0:
            raise ValueError("a weight cannot be negative")
        if self._weights[hold] + weight_t > self._holds[hold].limit_t:
            raise Overloaded(f"hold {hold} carries at most {self._holds[hold].limit_t} t")
        self._weights[hold] += weight_t

    @property
    def total(self):
        return sum(self._weights.values())

    @property
    def centre(self):
        """Centre of gravity of the cargo, metres from midships; None without cargo."""
        if self.total == 0:
            return None
        return self._moment() / self.total

    @property
    def trim(self):
        """Metres, positive by the stern."""
        return self._moment() / self._moment_to_trim

    def lightest(self):
        """The hold with the most room left; the first of several."""
        return max(self._holds.values(), key=lambda h: h.limit_t - self._weights[h.name]).name

    def _moment(self):
        return sum(self._holds[name].arm_m * t for name, t in self._weights.items())
