import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from weighbridge import net_weight, to_step  # noqa: E402


@pytest.mark.parametrize(("kg", "step"), [(0, 0), (9, 0), (11, 20), (31, 40), (40, 40)])
def test_weights_go_to_the_nearest_step(kg, step):
    assert to_step(kg) == step


def test_half_a_step_goes_up():
    assert to_step(50) == 60


def test_net_weight():
    assert net_weight(18_249, 7_551) == 10_680


def test_a_lorry_cannot_gain_weight_by_unloading():
    with pytest.raises(ValueError, match="heavier empty"):
        net_weight(1_000, 2_000)
