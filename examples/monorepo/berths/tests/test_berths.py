import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from berths import Berth, Call, assign  # noqa: E402

QUAY = [Berth("long", 200), Berth("short", 90)]


def test_a_ship_gets_the_shortest_berth_that_fits():
    assert assign([Call("Alma", 80, 0, 5)], QUAY) == {"Alma": "short"}


def test_two_ships_at_once_get_two_berths():
    calls = [Call("Alma", 80, 0, 5), Call("Bris", 85, 2, 6)]

    assert assign(calls, QUAY) == {"Alma": "short", "Bris": "long"}


def test_a_berth_is_free_again_when_its_ship_has_left():
    calls = [Call("Alma", 80, 0, 5), Call("Bris", 85, 5, 6)]

    assert assign(calls, QUAY) == {"Alma": "short", "Bris": "short"}


def test_a_ship_that_is_too_long_gets_none():
    assert assign([Call("Colossus", 400, 0, 9)], QUAY) == {"Colossus": None}
