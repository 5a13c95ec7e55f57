import pytest

from buoys import Light, is_lit, read_light


@pytest.mark.parametrize(
    ("text", "light"),
    [
        ("Fl(2) W 10s", Light("Fl", 2, "white", 10.0)),
        ("Oc R 7.5s", Light("Oc", 1, "red", 7.5)),
        ("Iso G 4s", Light("Iso", 1, "green", 4.0)),
        ("Q Y", Light("Q", 1, "yellow", 1.0)),
        ("F W", Light("F", 1, "white", 0.0)),
    ],
)
def test_characters_of_charts(text, light):
    assert read_light(text) == light


@pytest.mark.parametrize("text", ["", "Fl", "Fl W", "F W 3s", "Fl B 3s", "Fl(x) W 3s"])
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError):
        read_light(text)


def lit(text, *seconds):
    return [is_lit(read_light(text), s) for s in seconds]


def test_a_fixed_light_always_shines():
    assert lit("F G", 0, 100) == [True, True]


def test_two_flashes_then_darkness():
    assert lit("Fl(2) W 8s", 0.5, 1.5, 2.5, 3.5, 6, 8.5) == [True, False, True, False, False, True]


def test_an_occulting_light_is_the_opposite():
    assert lit("Oc(2) W 8s", 0.5, 1.5, 6) == [False, True, True]


def test_isophase_is_half_and_half():
    assert lit("Iso R 4s", 1.9, 2.1) == [True, False]
