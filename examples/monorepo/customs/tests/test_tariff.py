import os
from pathlib import Path

import pytest

from customs import duty, read_tariff

TARIFF = os.environ.get("HARBOUR_TARIFF")
pytestmark = pytest.mark.skipif(not TARIFF, reason="HARBOUR_TARIFF names no tariff file")


@pytest.fixture
def tariff():
    return read_tariff(Path(TARIFF).read_text(encoding="utf-8").splitlines())


def test_every_rate_is_a_percentage(tariff):
    assert tariff
    assert all(0 <= rate <= 100 for rate in tariff.values())


def test_duty_never_exceeds_the_value(tariff):
    for code in tariff:
        assert 0 <= duty(tariff, code, "99.99") <= 100


def test_unknown_goods_are_an_error(tariff):
    with pytest.raises(KeyError):
        duty(tariff, "", "1.00")
