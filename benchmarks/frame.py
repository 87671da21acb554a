"""The frame of `make bench`: two sides in one run, alternating rounds, medians, a target, a verdict.

A figure is a module of `benchmarks/figures` with `figures() -> Iterable[Figure]`. Absolute figures of a shared
machine say little, so a target is always a ratio: how many times the other side's time ours may take, or how
many times faster it must be. `work` counts what one round does, for the rate in the table.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ROUNDS = 9
LEAST_ROUNDS = 5
ROUND_SECONDS = 0.15  # a round repeats its side for at least so long


@dataclass(frozen=True)
class Side:
    """`once()` does the work of one round once. Checked before it is timed: `check` raises if it does it wrong."""

    name: str
    once: Callable[[], Any]
    check: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Figure:
    """`target`: the least that speed of ours / speed of the other may be."""

    name: str
    ours: Side
    other: Side
    target: float
    work: float = 1
    unit: str = "rounds"
    clock: Callable[[], float] = time.process_time
    rounds: int = ROUNDS


@dataclass(frozen=True)
class Measured:
    figure: Figure
    ours: tuple[float, ...]  # seconds of one `once()`, by round
    other: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the rounds' own ratios: both sides of a round meet the same noise."""
        return statistics.median(other / ours for ours, other in zip(self.ours, self.other, strict=True))

    @property
    def met(self) -> bool:
        return self.ratio >= self.figure.target

    def line(self) -> tuple[str, ...]:
        f = self.figure
        spread = sorted(other / ours for ours, other in zip(self.ours, self.other, strict=True))
        return (
            f.name,
            f"{_rate(f.work / statistics.median(self.ours))} {f.unit}/s",
            f"{f.other.name}: {_rate(f.work / statistics.median(self.other))} {f.unit}/s",
            f"{self.ratio:.2f} ({spread[0]:.2f} to {spread[-1]:.2f})",
            f"≥ {f.target:g}",
            "yes" if self.met else "NO",
        )


def _rate(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.1f}"


@dataclass(frozen=True)
class Bound:
    """A figure that is not a ratio of two speeds: `values` of its rounds, whose median must stay within `target`."""

    name: str
    values: tuple[float, ...]
    target: float
    unit: str = ""
    ours: str = ""
    beside: str = ""
    most: bool = True  # at most `target`; else at least

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        return self.value <= self.target if self.most else self.value >= self.target

    def line(self) -> tuple[str, ...]:
        spread = f" ({min(self.values):.2f} to {max(self.values):.2f})" if len(self.values) > 1 else ""
        sign = "≤" if self.most else "≥"
        return (
            self.name, self.ours, self.beside, f"{self.value:.2f}{self.unit}{spread}",
            f"{sign} {self.target:g}{self.unit}", "yes" if self.met else "NO",
        )  # fmt: skip


def rounds_of(
    name: str, ours: list[float], other: list[float], beside: str, target: float, *, work: float, unit: str
) -> Measured:
    """A ratio of two sides whose rounds a figure has timed itself, because each needs its own preparation."""
    if len(ours) < LEAST_ROUNDS:
        raise ValueError(f"{name}: a median wants {LEAST_ROUNDS} rounds")

    def nothing() -> None: ...

    figure = Figure(
        name, Side("ours", nothing), Side(beside, nothing), target, work=work, unit=unit, rounds=len(ours)
    )
    return Measured(figure, tuple(ours), tuple(other))


HEAD = ("figure", "ours", "beside", "ratio (rounds)", "target", "met")


def measure(figure: Figure) -> Measured:
    if figure.rounds < LEAST_ROUNDS:
        raise ValueError(f"{figure.name}: a median wants {LEAST_ROUNDS} rounds")
    sides = (figure.ours, figure.other)
    repeats = []
    for side in sides:
        side.check()
        repeats.append(_repeats(side, figure.clock))
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(figure.rounds):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):  # neither side is always first
            times[which].append(_seconds(sides[which], repeats[which], figure.clock))
    return Measured(figure, tuple(times[0]), tuple(times[1]))


def _repeats(side: Side, clock: Callable[[], float]) -> int:
    """How often a side must run to fill a round; warms it up as well."""
    count, spent = 1, 0.0
    while spent < ROUND_SECONDS / 4:
        count *= 2
        spent = _seconds(side, count, clock) * count
    return max(1, round(count * ROUND_SECONDS / spent))


def _seconds(side: Side, repeats: int, clock: Callable[[], float]) -> float:
    once = side.once
    started = clock()
    for _ in range(repeats):
        once()
    return max(clock() - started, 1e-9) / repeats


def row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def table(measured: Sequence[Measured | Bound]) -> str:
    return "\n".join(map(row, (HEAD, tuple("---" for _ in HEAD), *(one.line() for one in measured))))
