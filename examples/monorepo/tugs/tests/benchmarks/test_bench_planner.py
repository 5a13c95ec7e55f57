"""How long the traffic desk waits for a plan."""

import pytest

from tugs import best_order, quick_order

JOBS = [(120, 40), (700, 310), (90, 520), (430, 430), (260, 610), (820, 90), (340, 150)]


@pytest.mark.parametrize("plan", [best_order, quick_order], ids=["best", "quick"])
def test_bench_seven_jobs(benchmark, plan):
    order = benchmark.pedantic(plan, ((0, 0), JOBS), rounds=120, warmup_rounds=3)
    assert sorted(order) == sorted(JOBS)
