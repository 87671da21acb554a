"""Which calendar cuts a register's days, and the cuts in the table, made when a range is first needed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import F, Max, Min

from accounts.models import Programme
from accounts.tenancy import current_programme_id
from readings.models import Calendar, CalendarCut
from readings.totals.cuts import PLAIN as PLAIN_HOURS
from readings.totals.cuts import Hours, day_cuts, local_day
from servers.models import Register

log = logging.getLogger(__name__)
PLAIN = "plain"
FROM_CALENDAR = -1


@dataclass(frozen=True, slots=True)
class RegisterCalendar:
    """`band`: the register's own tariff where the meter counts tariffs itself, else `FROM_CALENDAR`."""

    calendar: Calendar
    band: int


def calendar_for(register: Register) -> Calendar:
    return calendars_for([register.pk])[register.pk].calendar


def calendars_for(register_ids: Iterable[int]) -> dict[int, RegisterCalendar]:
    """The calendar of each register: the zone of its point, else building, else programme; and its tariff's hours.

    A register with a tariff index tells the band itself: the meter's own clock wins over any calendar. The seam
    for tariff options that the clock cuts is `_options_of`; until there is one every calendar is plain.
    """
    point = "installation__point"
    rows = list(
        Register.objects.filter(pk__in=list(register_ids))
        .annotate(
            own=F(f"{point}__time_zone"),
            direct=F(f"{point}__building__time_zone"),
            home=F(f"{point}__dwelling__building__time_zone"),
            shared=F(f"{point}__common_area__building__time_zone"),
        )
        .values_list("pk", "tariff_index", "own", "direct", "home", "shared")
    )
    options = _options_of({pk: tariff for pk, tariff, *_zones in rows})
    programme_zone: str | None = None
    made: dict[tuple[str, str], Calendar] = {}
    found: dict[int, RegisterCalendar] = {}
    for pk, tariff, *zones in rows:
        zone = next((name for name in zones if name and _exists(name)), None)
        if zone is None:
            if programme_zone is None:
                programme_zone = Programme.objects.values_list("time_zone", flat=True).get(
                    pk=current_programme_id()
                )
            zone = programme_zone
        option, hours = options[pk]
        if (zone, option) not in made:
            made[zone, option] = _calendar(zone, option, hours)
        found[pk] = RegisterCalendar(made[zone, option], tariff or FROM_CALENDAR)
    return found


def _options_of(tariff_of: Mapping[int, int]) -> dict[int, tuple[str, Hours]]:
    """Register → its calendar's option and hours; `tariff_of` gives each register's own tariff index."""
    return dict.fromkeys(tariff_of, (PLAIN, PLAIN_HOURS))


@lru_cache(maxsize=256)
def _exists(zone: str) -> bool:
    """A misspelt zone of one building must not stop the totals of the whole programme."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("there is no time zone %r", zone)
        return False
    return True


def _calendar(zone: str, option: str, hours: Hours) -> Calendar:
    calendar: Calendar
    calendar, _created = Calendar.objects.get_or_create(
        time_zone=zone, option=option, defaults={"bands": {str(hour): band for hour, band in hours.items()}}
    )
    return calendar


def zone_of(calendar: Calendar) -> ZoneInfo:
    return ZoneInfo(calendar.time_zone)


def cuts_ensure(*, calendar: Calendar, start: int, end: int) -> None:
    """There are cuts for every instant of [start, end] and the day after; made by whole years, without a hole."""
    zone = zone_of(calendar)
    # a day more on both sides: a span may begin exactly where a day ends
    first = date.fromordinal(local_day(start, zone).toordinal() - 1).replace(month=1, day=1)
    last = date.fromordinal(local_day(end, zone).toordinal() + 2)
    last = date(last.year + 1, 1, 1)
    have = _covered(calendar)
    if have is not None and have[0] <= first and have[1] >= last:
        return
    # one writer at a time, or two would leave a hole between their years
    Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)
    have = _covered(calendar)
    if have is None:
        _make(calendar, first, last)
        return
    if first < have[0]:
        _make(calendar, first, have[0])
    if last > have[1]:
        _make(calendar, have[1], last)


def _covered(calendar: Calendar) -> tuple[date, date] | None:
    found = CalendarCut.objects.filter(calendar=calendar).aggregate(first=Min("day"), last=Max("day"))
    if found["first"] is None:
        return None
    return date.fromordinal(found["first"]), date.fromordinal(found["last"] + 1)


def _make(calendar: Calendar, first: date, end: date) -> None:
    hours = {int(hour): int(band) for hour, band in calendar.bands.items()} or {0: 0}
    CalendarCut.objects.bulk_create(
        (
            CalendarCut(calendar=calendar, at=cut.at, next_at=cut.next_at, day=cut.day, band=cut.band)
            for cut in day_cuts(first, end, zone_of(calendar), lambda _day: hours)
        ),
        ignore_conflicts=True,
        batch_size=2000,
    )
