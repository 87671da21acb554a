# ruff: noqa: S608 - whole numbers and our own texts
"""The rules over index readings that changed: a few statements for all registers of a drain, none a reading.

The database finds the candidates by its window functions, so that only what may stand out becomes an object; the
pure rules decide. What is found is written as a difference: an open item whose reading is in order again goes, a
decided one stays, and doing it twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.tenancy import current_programme_id
from readings.models import Reading, ReviewItem, ReviewLimit
from readings.review.items import steps_text
from readings.review.limits import IN_UNIT, UNITS, Limits, default_limits, exact
from readings.review.rules import ACCEPTED, BIT, FUTURE_SECONDS, Judged, Rule, Sample, Verdict, judge
from servers.models import Register

Ranges = Mapping[int, Sequence[tuple[int, int]]]
JUDGED_HERE = (Rule.RANGE, Rule.NEGATIVE_STEP, Rule.SPIKE, Rule.FUTURE, Rule.UNIT_MISMATCH)
MOST = 2000  # new items a drain: beyond it something else is wrong than the values

# MATERIALIZED: below row-level security PostgreSQL looked for the neighbours anew for each reading (a minute instead of
# 0.16 s for 16,000)
_SPAN = """
WITH touched(register_id, t0, t1) AS (VALUES {touched}),
near AS MATERIALIZED (SELECT register_id, t0, t1,
  coalesce((SELECT max(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
            AND r.register_id = t.register_id AND r.used AND r.at < t.t0), t0) AS a,
  coalesce((SELECT min(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
            AND r.register_id = t.register_id AND r.used AND r.at > t.t1), t1) AS b
  FROM touched t),
span AS MATERIALIZED (SELECT register_id, t0, a,
  -- one more on both sides: a fall is judged by what came before its neighbour
  coalesce((SELECT max(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
            AND r.register_id = n.register_id AND r.used AND r.at < n.a), a) AS first,
  coalesce((SELECT min(r.at) FROM readings_reading r WHERE r.programme_id = %(p)s
            AND r.register_id = n.register_id AND r.used AND r.at > n.b), b) AS last
  FROM near n)"""
_REACH = _SPAN + " SELECT register_id, min(t0), max(last) FROM span GROUP BY register_id"
_CANDIDATES = (
    _SPAN
    + """,
rule(register_id, cumulative, rate, low, high) AS (VALUES {rules}),
seen AS (SELECT s.register_id, s.t0, r.at, r.value, r.marks, r.source,
    lag(r.at) OVER w AS p, lag(r.value) OVER w AS vp, lag(r.marks) OVER w AS mp,
    lag(r.at, 2) OVER w AS q, lag(r.value, 2) OVER w AS vq
  FROM span s JOIN readings_reading r ON r.programme_id = %(p)s AND r.register_id = s.register_id
    AND r.used AND r.at BETWEEN s.first AND s.last
  WINDOW w AS (PARTITION BY s.register_id, s.t0 ORDER BY r.at))
SELECT DISTINCT seen.register_id, at, value, marks, source, p, vp, mp, q, vq
FROM seen JOIN rule ON rule.register_id = seen.register_id
WHERE at >= t0 AND (marks > {accepted} OR at > {future}
  OR (cumulative = 1 AND (value < vp OR (value - vp)*3600/(at - p) >= rate))
  OR (cumulative = 0 AND (value < low OR value > high)))"""
)


@dataclass(frozen=True, slots=True)
class _Known:
    point_id: int
    unit: str
    exponent: int
    judged: Judged


def registers_review(ranges: Ranges) -> int:
    """Judge what lies in `ranges` (register → changed [t0, t1]) and around it. Returns how many items are new.

    In the programme in scope; the registers are locked by the caller.
    """
    known = _known(ranges)
    if not known:
        return 0
    now = int(timezone.now().timestamp())
    reach = _run(_REACH, known, ranges, now)
    found: dict[int, list[Verdict]] = defaultdict(list)
    marks: dict[tuple[int, int], int] = {}
    rows = _run(_CANDIDATES, known, ranges, now)
    for register, at, value, mark, source, p, vp, mp, q, vq in sorted(rows, key=lambda row: row[:2]):
        settled = bool(mark & ACCEPTED) or source == Reading.Source.OPERATOR
        before = None if p is None else Sample(p, vp, bool((mp or 0) & ACCEPTED))
        earlier = None if q is None else Sample(q, vq)
        verdict = judge(known[register].judged, Sample(at, value, settled), before, earlier, now=now)
        if verdict is not None:
            found[register].append(verdict)
        kept = mark & (ACCEPTED | BIT[Rule.FROZEN])
        wanted = kept | (BIT[verdict.rule] if verdict else 0)
        if wanted != mark:
            marks[register, at] = wanted
    marks_write(marks)
    return _items_write(known, {register: (t0, last) for register, t0, last in reach}, found)


def _known(ranges: Ranges) -> dict[int, _Known]:
    rows = Register.objects.filter(pk__in=list(ranges)).values_list(
        "pk", "installation__point_id", "installation__point__medium", "quantity", "unit", "exponent", "kind",
        "span", "max_per_hour",
    )  # fmt: skip
    limits = ProgrammeLimits()
    return {
        pk: _Known(
            point, unit, exponent,
            Judged(kind == Register.Kind.CUMULATIVE, in_steps(limits.of(medium, quantity), unit, exponent), span, top),
        )
        for pk, point, medium, quantity, unit, exponent, kind, span, top in rows
    }  # fmt: skip


class ProgrammeLimits:
    """The thresholds of the programme in scope, read once."""

    def __init__(self) -> None:
        rows = ReviewLimit.objects.values_list("medium", "quantity", "low", "high", "rate", "frozen_hours")
        self._own = {
            (medium, quantity): Limits(exact(low), exact(high), exact(rate), int(frozen) if frozen else None)
            for medium, quantity, low, high, rate, frozen in rows
        }

    def of(self, medium: str, quantity: str) -> Limits:
        return self._own.get((medium, quantity)) or default_limits(medium, quantity)


def in_steps(limits: Limits, unit: str, exponent: int) -> Limits:
    """Limits of a quantity in steps of 10^exponent `unit`; a unit that nobody knows has none."""
    factor = IN_UNIT.get(unit)
    if factor is None:
        return Limits(frozen_hours=limits.frozen_hours)
    steps = 1 / (factor * Fraction(10) ** exponent)

    def scaled(value: Fraction | None) -> Fraction | None:
        return None if value is None else value * steps

    return Limits(scaled(limits.low), scaled(limits.high), scaled(limits.rate), limits.frozen_hours)


def _run(text: str, known: Mapping[int, _Known], ranges: Ranges, now: int) -> list[Any]:
    sql = text.format(
        touched=",".join(
            f"({register:d},{t0:d},{t1:d})" for register in known for t0, t1 in ranges[register]
        ),
        rules=",".join(_rule_row(register, one.judged) for register, one in known.items()),
        accepted=ACCEPTED,
        future=now + FUTURE_SECONDS,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {"p": current_programme_id()})
        return list(cursor.fetchall())


_NEVER = 1 << 62


def _rule_row(register: int, judged: Judged) -> str:
    """Whole bounds that let pass nothing which the exact rule would flag."""
    limits = judged.limits
    rates = [rate for rate in (limits.rate, judged.max_per_hour) if rate is not None]
    rate = min(int(min(rates)), _NEVER) if rates else _NEVER
    low = -_NEVER if limits.low is None else -int(-limits.low // 1)
    high = _NEVER if limits.high is None else int(limits.high // 1)
    return f"({register:d},{int(judged.cumulative)},{rate:d},{max(low, -_NEVER):d},{min(high, _NEVER):d})"


def marks_write(marks: Mapping[tuple[int, int], int]) -> None:
    """(register, at) → marks. Few readings stand out, so a statement for each value of the marks."""
    grouped: dict[tuple[int, int], list[int]] = defaultdict(list)
    for (register, at), mark in marks.items():
        grouped[register, mark].append(at)
    for (register, mark), instants in grouped.items():
        for start in range(0, len(instants), 1000):
            rows = Reading.objects.filter(register_id=register, at__in=instants[start : start + 1000])
            rows.update(marks=mark)


def subject_of(register_id: int) -> str:
    return f"register:{register_id}"


def _items_write(
    known: Mapping[int, _Known], reach: Mapping[int, tuple[int, int]], found: Mapping[int, list[Verdict]]
) -> int:
    now = timezone.now()
    wanted: dict[tuple[int, int, str, str], ReviewItem] = {}
    for register, verdicts in found.items():
        one = known[register]
        for verdict in verdicts:
            value = steps_text(verdict.value, one.exponent)
            wanted[register, verdict.at, verdict.rule.value, value] = ReviewItem(
                subject=subject_of(register), rule=verdict.rule.value, at=verdict.at, until=verdict.at,
                point_id=one.point_id, register_id=register, value=value, unit=one.unit, found_at=now,
                detail={
                    name: steps_text(number, one.exponent) if name != "before_at" else number
                    for name, number in verdict.detail.items()
                },
            )  # fmt: skip
    return items_replace(_standing(reach), wanted)


def _standing(reach: Mapping[int, tuple[int, int]]) -> Iterable[ReviewItem]:
    if not reach:
        return
    open_items = ReviewItem.objects.filter(
        register_id__in=list(reach), state=ReviewItem.State.OPEN, rule__in=[rule.value for rule in JUDGED_HERE],
        at__gte=min(t0 for t0, _last in reach.values()), at__lte=max(last for _t0, last in reach.values()),
    ).annotate(key=F("register_id"))  # fmt: skip
    for item in open_items:
        first, last = reach[item.register_id]
        if first <= item.at <= last:
            yield item


def items_replace(
    standing: Iterable[ReviewItem], wanted: Mapping[tuple[int, int, str, str], ReviewItem]
) -> int:
    """Open items that are no longer found go, new ones come; what has been decided is left alone."""
    have = {(item.register_id, item.at, item.rule, item.value): item.pk for item in standing}
    gone = [pk for key, pk in have.items() if key not in wanted]
    for start in range(0, len(gone), 1000):
        ReviewItem.objects.filter(pk__in=gone[start : start + 1000], state=ReviewItem.State.OPEN).delete()
    new = [item for key, item in wanted.items() if key not in have][:MOST]
    if new:
        ReviewItem.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    return len(new)


__all__ = [
    "UNITS",
    "ProgrammeLimits",
    "in_steps",
    "items_replace",
    "marks_write",
    "registers_review",
    "subject_of",
]
