"""The frame of `make bench` tells a slow side from a fast one."""

from __future__ import annotations

import pytest

from benchmarks.frame import Figure, Side, measure, table

pytestmark = pytest.mark.pure


class Clock:
    """Time that only work moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: float) -> Side:
        def once() -> None:
            self.now += seconds

        return Side(f"{seconds} s", once)


def figure(ours: float, other: float, target: float, **more: int) -> Figure:
    clock = Clock()
    return Figure("x", clock.work(ours), clock.work(other), target, clock=clock, **more)


def test_ratio_and_verdict() -> None:
    fast, slow = measure(figure(0.01, 0.03, 2)), measure(figure(0.03, 0.01, 0.5))
    assert fast.ratio == pytest.approx(3)
    assert slow.ratio == pytest.approx(1 / 3)
    assert (fast.met, slow.met) == (True, False)
    assert [line.split(" | ")[-1] for line in table([fast, slow]).splitlines()[2:]] == ["yes |", "NO |"]


def test_a_side_that_does_not_do_the_work_is_not_timed() -> None:
    def fail() -> None:
        raise RuntimeError("left out records")

    with pytest.raises(RuntimeError):
        measure(Figure("x", Side("ours", lambda: None, fail), Side("other", lambda: None), 1))


def test_too_few_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="5 rounds"):
        measure(figure(1, 1, 1, rounds=3))
