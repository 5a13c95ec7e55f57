"""Berths for ships, first come, first served."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Berth:
    name: str
    length_m: int


@dataclass(frozen=True)
class Call:
    """A ship's stay, in hours of the plan."""

    ship: str
    length_m: int
    arrives: int
    leaves: int


def assign(calls, berths):
    """Maps each ship to the shortest berth that is free for it, or to None."""
    plan = {}
    taken = {berth.name: [] for berth in berths}
    for call in sorted(calls, key=lambda c: (c.arrives, c.ship)):
        plan[call.ship] = None
        for berth in sorted(berths, key=lambda b: (b.length_m, b.name)):
            if berth.length_m >= call.length_m and _is_free(taken[berth.name], call):
                taken[berth.name].append(call)
                plan[call.ship] = berth.name
                break
    return plan


def _is_free(stays, call):
    return all(stay.leaves <= call.arrives or call.leaves <= stay.arrives for stay in stays)


def utilisation(plan, calls, berth, start, end):
    """Part of [start, end) in which the berth is taken."""
    if end <= start:
        raise ValueError("the period is empty")
    hours = 0
    for call in calls:
        if plan.get(call.ship) != berth.name:
            continue
        overlap = min(call.leaves, end) - max(call.arrives, start)
        if overlap > 0:
            hours += overlap
    return hours / (end - start)


def waiting(plan):
    """Ships that got no berth, by name."""
    return sorted(ship for ship, berth in plan.items() if berth is None)


def render(plan, calls):
    """The plan as lines of text, in order of arrival."""
    lines = []
    for call in sorted(calls, key=lambda c: (c.arrives, c.ship)):
        place = plan.get(call.ship)
        if place is None:
            lines.append(f"{call.arrives:4d}  {call.ship}: waits in the roads")
        else:
            lines.append(f"{call.arrives:4d}  {call.ship}: {place} until {call.leaves}")
    return "\n".join(lines)
