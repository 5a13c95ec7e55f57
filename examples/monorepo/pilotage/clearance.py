"""Squat by Barrass's rule, and what it leaves under the keel."""

# Clearance the pilots insist on, as a part of the draught.
RESERVE = 0.1


def squat(speed_kn, block_coefficient, confined=False):
    """How much deeper a ship lies under way, in metres.

    Barrass: block coefficient times the square of the speed in knots, divided
    by 100 in open water and by 50 in a channel.
    """
    if not 0 < block_coefficient <= 1:
        raise ValueError("a block coefficient lies between 0 and 1")
    return block_coefficient * speed_kn**2 / (50 if confined else 100)


def clearance(depth_m, tide_m, draught_m, squat_m=0.0):
    """Water between keel and ground, in metres; negative when she is aground."""
    return depth_m + tide_m - draught_m - squat_m


def may_pass(depth_m, tide_m, draught_m, squat_m=0.0):
    """True when the clearance is what the pilots insist on, or more."""
    return clearance(depth_m, tide_m, draught_m, squat_m) >= RESERVE * draught_m
