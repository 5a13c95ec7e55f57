import pytest

from cargo import Hold, Overloaded, Stowage


@pytest.fixture
def ship():
    return Stowage([Hold("fore", -30.0, 500.0), Hold("aft", 25.0, 400.0)], 2500.0)


def test_an_empty_ship_has_no_centre_and_no_trim(ship):
    assert ship.centre is None
    assert ship.trim == 0
    assert ship.total == 0


def test_cargo_aft_trims_by_the_stern(ship):
    ship.load("aft", 100)

    assert ship.trim == pytest.approx(1.0)
    assert ship.centre == pytest.approx(25.0)


def test_cargo_fore_and_aft_balances(ship):
    ship.load("fore", 100)
    ship.load("aft", 120)

    assert ship.trim == pytest.approx(0.0)
    assert ship.total == 220


def test_an_overloaded_hold_is_refused_and_stays_as_it_was(ship):
    ship.load("aft", 400)
    with pytest.raises(Overloaded, match="at most 400"):
        ship.load("aft", 0.1)
    assert ship.total == 400


def test_weights_must_not_be_negative(ship):
    with pytest.raises(ValueError, match="negative"):
        ship.load("aft", -1)
