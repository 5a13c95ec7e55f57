import pytest


@pytest.mark.parametrize("n, rounds", [(10, 120), (1000, 30), (20000, 5)])
def test_sorted(benchmark, n, rounds):
    numbers = [(i * 7919) % n for i in range(n)]
    result = benchmark.pedantic(sorted, args=(numbers,), rounds=rounds, iterations=2)
    assert result[0] == 0


def test_reversed_text(benchmark):
    assert benchmark.pedantic(lambda: "harbour"[::-1], rounds=25) == "ruobrah"
