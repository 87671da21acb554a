"""Bring day totals up to date with the readings: what was touched is recomputed, then forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction

from accounts.tenancy import current_programme_id, tenant_scope
from readings.models import DayTotal, Reading, TouchedSpan
from readings.review.judging import registers_review
from readings.totals.calendars import calendars_for, cuts_ensure
from readings.totals.statement import Segment, Touched, reach, recompute
from readings.totals.touches import APART, touch
from servers.models import Register

LIMIT = 100  # registers a transaction
SPANS_EACH = 20  # ranges of one register; more of them are recomputed as one


def totals_drain(*, programme_id: int, registers: Iterable[int] | None = None, limit: int = LIMIT) -> int:
    """Recompute what waits: of these registers (keys), or of all. Returns how many registers were recomputed.

    A transaction for each `limit` registers, in the order of their keys. A page calls it with its own registers
    before it reads totals; with nothing waiting that is one query.
    """
    only = None if registers is None else sorted(set(registers))
    done, after = 0, 0
    while True:
        with tenant_scope(programme_id):
            keys = _waiting(only, after, limit)
            if keys:
                _drain(keys)
        done += len(keys)
        if len(keys) < limit:
            return done
        after = keys[-1]


def _waiting(only: list[int] | None, after: int, limit: int) -> list[int]:
    rows = TouchedSpan.objects.filter(register_id__gt=after)
    if only is not None:
        rows = rows.filter(register_id__in=only)
    return list(rows.order_by("register_id").values_list("register_id", flat=True).distinct()[:limit])


@transaction.atomic
def _drain(keys: Sequence[int]) -> None:
    # Locked in a statement of its own: two workers that read the same neighbours before either wrote would
    # leave a total that fits neither.
    register_rows = Register.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    counting = {
        pk for pk, kind in register_rows.values_list("pk", "kind") if kind == Register.Kind.CUMULATIVE
    }
    rows = list(TouchedSpan.objects.filter(register_id__in=keys).values_list("pk", "register_id", "t0", "t1"))
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for _pk, register, t0, t1 in rows:
        spans[register].append((t0, t1))
    counted = {register: ranges for register, ranges in spans.items() if register in counting}
    if counted:
        _recompute(counted)
    registers_review({register: merged(ranges) for register, ranges in spans.items()})
    TouchedSpan.objects.filter(pk__in=[pk for pk, *_ in rows]).delete()


def _recompute(spans: dict[int, list[tuple[int, int]]]) -> None:
    programme_id = current_programme_id()
    calendars = calendars_for(spans)
    segments = [Segment(pk, found.calendar.pk, found.band, found.fine) for pk, found in calendars.items()]
    touched = [Touched(pk, t0, t1) for pk, ranges in spans.items() for t0, t1 in merged(ranges)]
    wanted = reach(programme_id, segments, touched)
    by_key = {found.calendar.pk: found.calendar for found in calendars.values()}
    for key, (start, end) in sorted(wanted.items()):  # in the order of keys: each may be locked
        cuts_ensure(calendar=by_key[key], start=start, end=end)
    recompute(programme_id, segments, touched)


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges that meet or nearly meet as one, and at most `SPANS_EACH` of them."""
    found: list[tuple[int, int]] = []
    for t0, t1 in sorted(ranges):
        if found and t0 - found[-1][1] <= APART:
            found[-1] = (found[-1][0], max(found[-1][1], t1))
        else:
            found.append((t0, t1))
    return found if len(found) <= SPANS_EACH else [(found[0][0], max(t1 for _, t1 in found))]


@transaction.atomic
def totals_rebuild(*, register_ids: Iterable[int]) -> int:
    """From the readings alone, in the programme in scope: after a change of zone, span or highest rate."""
    keys = sorted(set(register_ids))
    list(Register.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    DayTotal.objects.filter(register_id__in=keys).delete()
    ends: dict[int, list[int]] = {}
    for key in keys:
        instants = Reading.objects.filter(register_id=key).order_by("at").values_list("at", flat=True)
        first, last = instants.first(), instants.last()
        if first is not None and last is not None:
            ends[key] = [*range(first, last, APART), last]
    touch(ends)
    return totals_drain(programme_id=current_programme_id(), registers=keys)
