"""How long a tide table takes. Rounds are fixed, so that percentiles can be had."""

from tides import Constituent, extremes, height

# Eight constituents of an invented port.
PORT = [
    Constituent("M2", 1.21, 28.984104, 47.5),
    Constituent("S2", 0.41, 30.0, 80.1),
    Constituent("N2", 0.25, 28.439730, 22.0),
    Constituent("K1", 0.11, 15.041069, 160.4),
    Constituent("O1", 0.09, 13.943036, 310.9),
    Constituent("M4", 0.06, 57.968208, 201.7),
    Constituent("MS4", 0.04, 58.984104, 250.2),
    Constituent("M6", 0.02, 86.952313, 12.8),
]


def test_bench_height(benchmark):
    result = benchmark.pedantic(height, (PORT, 3.0, 1234.5), rounds=400, warmup_rounds=10)
    assert 0 < result < 6


def test_bench_day_of_extremes(benchmark):
    found = benchmark.pedantic(extremes, (PORT, 3.0, 0, 24), rounds=200, warmup_rounds=5)
    assert len(found) in (3, 4, 5)
