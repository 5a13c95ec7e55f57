import pytest

from shop.receipt import euros, receipt


@pytest.mark.parametrize("cents, text", [(0, "0.00"), (5, "0.05"), (12345, "123.45")])
def test_euros(cents, text):
    assert euros(cents) == text


def test_receipt_has_a_total():
    assert receipt([(2, 150)]).endswith("3.00")


def test_receipt_that_is_wrong_on_purpose():
    assert receipt([(1, 100)]) == "free"


@pytest.fixture
def broken():
    raise RuntimeError("no printer")


def test_needs_a_printer(broken):
    assert broken
