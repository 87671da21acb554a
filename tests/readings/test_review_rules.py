"""The rules as pure functions: what stands out beside its neighbours, and what does not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from readings.review.limits import Limits, default_limits
from readings.review.rules import Judged, Rule, Sample, frozen_runs, judge

pytestmark = pytest.mark.pure
HOUR = 3600
NOW = 1_800_000_000
COUNTER = Judged(True, Limits(rate=Fraction(100)), span=None, max_per_hour=200)
ROLLING = Judged(True, Limits(), span=1000, max_per_hour=50)
THERMOMETER = Judged(False, Limits(low=Fraction(-300), high=Fraction(1800)))


def said(register: Judged, *values: int, settled: bool = False) -> str:
    """What is said of the last of readings an hour apart."""
    samples = [Sample(NOW - (len(values) - i) * HOUR, value) for i, value in enumerate(values)]
    last = Sample(samples[-1].at, samples[-1].value, settled)
    before = samples[-2] if len(samples) > 1 else None
    earlier = samples[-3] if len(samples) > 2 else None
    verdict = judge(register, last, before, earlier, now=NOW)
    return verdict.rule.value if verdict else ""


@pytest.mark.parametrize(
    ("register", "values", "rule"),
    [
        (COUNTER, (5000,), ""),
        (COUNTER, (5000, 5000), ""),
        (COUNTER, (5000, 5100), ""),
        (COUNTER, (5000, 5101), "spike"),  # by the programme's limit, the smaller of the two
        (COUNTER, (5000, 4999), "negative_step"),
        (COUNTER, (5000, 9000, 5010), ""),  # it only comes back from what stands out itself
        (COUNTER, (5000, 9000, 4990), "negative_step"),
        (COUNTER, (5000, 5_000_000), "unit_mismatch"),
        (COUNTER, (5_000_000, 5000), "unit_mismatch"),
        (COUNTER, (5000, 18_050), "unit_mismatch"),  # GJ read as MWh
        (COUNTER, (5, 5000), "spike"),  # so small an index is a thousand times another by chance
        (ROLLING, (990, 10), ""),
        (ROLLING, (990, 60), "negative_step"),  # 70 in an hour: no rollover
        (ROLLING, (100, 50), "negative_step"),
        (THERMOMETER, (1800,), ""),
        (THERMOMETER, (1801,), "range"),
        (THERMOMETER, (-301,), "range"),
        (THERMOMETER, (20, -20), ""),
    ],
)
def test_what_stands_out(register: Judged, values: tuple[int, ...], rule: str) -> None:
    assert said(register, *values) == rule
    assert said(register, *values, settled=True) == ""


def test_the_future_and_the_detail() -> None:
    early = judge(COUNTER, Sample(NOW + 301, 1), None, None, now=NOW)
    assert early is not None
    assert early.rule is Rule.FUTURE
    assert judge(COUNTER, Sample(NOW + 300, 1), None, None, now=NOW) is None
    fall = judge(COUNTER, Sample(NOW, 7), Sample(NOW - HOUR, 9), None, now=NOW)
    assert fall is not None
    assert fall.detail == {"before": 9, "before_at": NOW - HOUR}


def test_standstills() -> None:
    still = [(h * HOUR, 5.0) for h in range(49)]
    assert frozen_runs(still, hours=48) == [(0, 48 * HOUR, 49)]
    assert frozen_runs(still[:-1], hours=48) == []
    assert frozen_runs([(0, 1.0), (60 * HOUR, 1.0)], hours=48) == []  # two values say nothing
    moved = [*still[:20], (20 * HOUR, 6.0), *still[21:]]
    assert frozen_runs(moved, hours=10) == [(0, 19 * HOUR, 20), (21 * HOUR, 48 * HOUR, 28)]


def test_limits_fall_back_to_those_of_any_medium() -> None:
    assert default_limits("electricity", "energy").rate == 250
    assert default_limits("other", "energy").rate == 500
    assert default_limits("heat", "no such quantity") == Limits()
