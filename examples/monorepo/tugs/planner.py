"""Ways past a number of places. Places are (x, y) in metres on the harbour's grid."""

from itertools import permutations
from math import dist

# 9! orders are tried in about a second.
MOST_JOBS = 9


def length(start, jobs):
    """Length of the way from start past all jobs, in metres."""
    way = 0.0
    at = start
    for job in jobs:
        way += dist(at, job)
        at = job
    return way


def best_order(start, jobs):
    """The shortest order; of equally short ones the first in order of the places."""
    if len(jobs) > MOST_JOBS:
        raise ValueError(f"more than {MOST_JOBS} jobs: use quick_order")
    return list(min(permutations(sorted(jobs)), key=lambda order: length(start, order)))


def quick_order(start, jobs):
    """Always the nearest job that is left."""
    left = sorted(jobs)
    order = []
    at = start
    while left:
        at = min(left, key=lambda job: dist(at, job))
        left.remove(at)
        order.append(at)
    return order
