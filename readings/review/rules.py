"""The rules that flag an index reading: pure functions of the reading and its neighbours. No Django.

A rule never leaves a reading out. A fall, or a rise above the register's highest rate, is *disputed* by the totals
themselves until somebody decides; all other rules only flag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from readings.review.limits import Limits

FUTURE_SECONDS = 300  # a gateway's clock may be this far ahead of ours


class Rule(StrEnum):
    RANGE = "range"
    NEGATIVE_STEP = "negative_step"
    SPIKE = "spike"
    FROZEN = "frozen"
    FUTURE = "future"
    UNKNOWN_REGISTER = "unknown_register"
    UNIT_MISMATCH = "unit_mismatch"
    SOURCES_DIFFER = "sources_differ"


ACCEPTED = 1  # an operator says that the reading is right: its interval counts
BIT = {rule: 2 << place for place, rule in enumerate(Rule)}  # what is stored with the reading, in `marks`

# One unit taken for another: the new index is this many times the old one.
_FACTORS = tuple(
    Fraction(*pair)
    for pair in (
        (1000, 1), (1, 1000), (1_000_000, 1), (1, 1_000_000), (36, 10), (10, 36), (10_000, 36), (36, 10_000),
        (1163, 1), (1, 1163),
    )
)  # fmt: skip
_NEAR = Fraction(1, 50)
_TELLING = 1000  # steps; a smaller index is a thousand times another by chance


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule needs to know of a register; all in steps of its resolution, `limits.rate` by the hour."""

    cumulative: bool
    limits: Limits
    span: int | None = None
    max_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One used reading: `at` in epoch seconds, `value` in steps. `settled`: an operator has said it is right."""

    at: int
    value: int
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`detail` holds whole numbers of steps: the value before and when it was read, and the limit that was passed."""

    at: int
    value: int
    rule: Rule
    detail: dict[str, int] = field(default_factory=dict)


def judge(
    register: Judged, sample: Sample, before: Sample | None, earlier: Sample | None, *, now: int
) -> Verdict | None:
    """What stands out in `sample`; `before` and `earlier` are the used readings in front of it."""
    if sample.settled:
        return None
    if sample.at > now + FUTURE_SECONDS:
        return Verdict(sample.at, sample.value, Rule.FUTURE)
    if not register.cumulative:
        return _beyond(register.limits, sample)
    if before is None:
        return None
    if sample.value < before.value:
        return _fall(register, sample, before, earlier)
    return _rise(register, sample, before)


def _beyond(limits: Limits, sample: Sample) -> Verdict | None:
    for limit, passed in (
        (limits.low, limits.low is not None and sample.value < limits.low),
        (limits.high, limits.high is not None and sample.value > limits.high),
    ):
        if passed and limit is not None:
            return Verdict(sample.at, sample.value, Rule.RANGE, {"limit": int(limit)})
    return None


def too_fast(rise: int, seconds: int, rate: int | Fraction | None) -> bool:
    return rate is not None and rise * 3600 > rate * seconds


def _rises_over(register: Judged, sample: Sample, before: Sample) -> bool:
    """The same judgement as the totals': a rollover within the highest rate is no fall."""
    if register.span is None or register.max_per_hour is None:
        return False
    rise = sample.value - before.value + register.span
    return rise >= 0 and not too_fast(rise, sample.at - before.at, register.max_per_hour)


def _fall(register: Judged, sample: Sample, before: Sample, earlier: Sample | None) -> Verdict | None:
    if _rises_over(register, sample, before):
        return None
    if earlier is not None and earlier.value <= sample.value and _rise(register, before, earlier) is not None:
        return None  # it only comes back from a reading that stands out itself
    rule = Rule.UNIT_MISMATCH if other_unit(before.value, sample.value) else Rule.NEGATIVE_STEP
    return Verdict(sample.at, sample.value, rule, {"before": before.value, "before_at": before.at})


def _rise(register: Judged, sample: Sample, before: Sample) -> Verdict | None:
    rise, seconds = sample.value - before.value, sample.at - before.at
    rates = [rate for rate in (register.limits.rate, register.max_per_hour) if rate is not None]
    if rise <= 0 or not rates or not too_fast(rise, seconds, min(rates)):
        return None
    rule = Rule.UNIT_MISMATCH if other_unit(before.value, sample.value) else Rule.SPIKE
    detail = {"before": before.value, "before_at": before.at, "limit": int(min(rates))}
    return Verdict(sample.at, sample.value, rule, detail)


def other_unit(before: int, after: int) -> bool:
    """Is one of two indexes the other one written in another unit, within two hundredths?"""
    if before < _TELLING or after < 1 or max(before, after) < 3 * _TELLING:
        return False
    ratio = Fraction(after, before)
    return any(abs(ratio / factor - 1) <= _NEAR for factor in _FACTORS)


def frozen_runs(samples: Sequence[tuple[int, float]], *, hours: int) -> list[tuple[int, int, int]]:
    """(first, last, count) of stretches in which a value stood still for `hours` or longer; (at, value) in order."""
    found: list[tuple[int, int, int]] = []
    start, count = 0, 1
    for i, ((_a, before), (_b, after)) in enumerate(pairwise(samples)):
        if before == after:
            count += 1
            continue
        _note(found, samples, start, count, hours)
        start, count = i + 1, 1
    if samples:
        _note(found, samples, start, count, hours)
    return found


def _note(
    found: list[tuple[int, int, int]],
    samples: Sequence[tuple[int, float]],
    start: int,
    count: int,
    hours: int,
) -> None:
    first, last = samples[start][0], samples[start + count - 1][0]
    if count >= 3 and last - first >= hours * 3600:
        found.append((first, last, count))
