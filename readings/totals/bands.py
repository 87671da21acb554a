"""When an option, its hours or the colours of days change, the totals are divided anew: only the days that differ.

The calendars that were used are stored facts (`CalendarCut`, `BandsOf`); what they would be now follows from the
parameters and colours. The difference is recomputed. So it does not matter which change rang, nor how often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Min, QuerySet

from accounts.tenancy import tenant_scope
from readings.models import BandsOf, Calendar, CalendarCut, DayTotal, TouchedSpan
from readings.totals.calendars import calendars_for, covered, cuts_made, schedule_of, zone_of
from readings.totals.cuts import local_epoch
from readings.totals.drain import totals_drain
from servers.models import Quantity, Register
from tariffs.clock import Schedule, bands_by_day

LIMIT = 200  # registers a transaction


def bands_follow(*, programme_id: int) -> int:
    """Divide the days of a programme as its options now say. Returns how many registers are recomputed."""
    with tenant_scope(programme_id):
        changed = _calendars_follow()
        keys = list(_divisible().values_list("pk", flat=True).order_by("pk"))
    touched: set[int] = set()
    for start in range(0, len(keys), LIMIT):
        with tenant_scope(programme_id), transaction.atomic():
            touched |= _registers_follow(keys[start : start + LIMIT], changed)
    with tenant_scope(programme_id):
        _forget_unused()
    if touched:
        totals_drain(programme_id=programme_id, registers=touched)
    return len(touched)


def _divisible() -> QuerySet[Register]:
    """Registers whose days a clock may divide: electricity without a tariff of its own."""
    rows: QuerySet[Register] = Register.objects.filter(
        kind=Register.Kind.CUMULATIVE,
        quantity=Quantity.ENERGY,
        tariff_index=0,
        installation__point__medium="electricity",
    )
    return rows


@transaction.atomic
def _calendars_follow() -> dict[int, set[date]]:
    """Put right the stored cuts of days whose colour was told or changed. Calendar → those days."""
    changed: dict[int, set[date]] = {}
    for calendar in Calendar.objects.select_for_update(no_key=True).exclude(option="plain").order_by("pk"):
        have = covered(calendar)
        if have is None:
            continue
        now: dict[int, list[CalendarCut]] = defaultdict(list)
        for cut in cuts_made(calendar, *have):
            now[cut.day].append(cut)
        was: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        stored = CalendarCut.objects.filter(calendar=calendar).order_by("at")
        for day, at, next_at, band in stored.values_list("day", "at", "next_at", "band"):
            was[day].append((at, next_at, band))
        days = [day for day, cuts in now.items() if was[day] != [(c.at, c.next_at, c.band) for c in cuts]]
        if days:
            CalendarCut.objects.filter(calendar=calendar, day__in=days).delete()
            CalendarCut.objects.bulk_create([cut for day in days for cut in now[day]], batch_size=2000)
            changed[calendar.pk] = {date.fromordinal(day) for day in days}
    return changed


def _registers_follow(keys: Sequence[int], recoloured: dict[int, set[date]]) -> set[int]:
    """Note the spans of the days that these registers' totals are divided otherwise than they were."""
    now = {pk: found.calendar for pk, found in calendars_for(keys).items()}
    rows = BandsOf.objects.filter(register__in=keys).values_list("register_id", "calendar_id")
    used: dict[int, int] = dict(rows)
    calendars = Calendar.objects.in_bulk(set(used.values()))
    totals = (
        DayTotal.objects.filter(register__in=keys).values_list("register_id").annotate(Min("day"), Max("day"))
    )
    touched: dict[int, set[date]] = {}
    for register, first, last in totals:
        before = calendars.get(used.get(register, 0))
        span = date.fromordinal(first), date.fromordinal(last + 1)
        days = _different(schedule_of(before), schedule_of(now[register]), *span)
        days |= {day for day in recoloured.get(now[register].pk, ()) if span[0] <= day < span[1]}
        if days:
            touched[register] = days
    TouchedSpan.objects.bulk_create(
        TouchedSpan(register_id=register, t0=t0, t1=t1)
        for register, days in sorted(touched.items())
        for t0, t1 in _spans(now[register], days)
    )
    plain = [pk for pk, calendar in now.items() if calendar.option == "plain"]
    BandsOf.objects.filter(register__in=plain).delete()
    BandsOf.objects.bulk_create(
        (BandsOf(register_id=pk, calendar=calendar) for pk, calendar in now.items() if calendar.option != "plain"),
        update_conflicts=True, unique_fields=["programme", "register"], update_fields=["calendar"],
    )  # fmt: skip
    return set(touched)


def _different(before: Schedule, after: Schedule, first: date, end: date) -> set[date]:
    """The days of [first, end) on which two schedules have other bands; colours as they are known now."""
    if before == after:
        return set()
    was, now = bands_by_day(before, first, end), bands_by_day(after, first, end)
    days = (date.fromordinal(number) for number in range(first.toordinal(), end.toordinal()))
    return {day for day in days if was(day) != now(day)}


def _spans(calendar: Calendar, days: Iterable[date]) -> list[tuple[int, int]]:
    """Instants inside the first and the last day of each run of days: their recomputation reaches no further."""
    zone = zone_of(calendar)
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][1] <= timedelta(days=1):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [(local_epoch(a, 0, zone) + 1, local_epoch(b + timedelta(days=1), 0, zone) - 1) for a, b in runs]


def _forget_unused() -> None:
    """Calendars of schedules that no place has any more."""
    used = set(BandsOf.objects.values_list("calendar_id", flat=True))
    Calendar.objects.exclude(option="plain").exclude(pk__in=used).delete()
