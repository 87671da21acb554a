"""Which calendar cuts a register's days, and the cuts in the table, made when a range is first needed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import F, Max, Min

from accounts.models import Programme
from accounts.tenancy import current_programme_id
from readings.models import Calendar, CalendarCut
from readings.totals.cuts import day_cuts, local_day
from servers.models import Register
from tariffs.clock import PLAIN as UNDIVIDED
from tariffs.clock import Schedule, bands_by_day, schedule_name, schedules_of_places

log = logging.getLogger(__name__)
PLAIN = "plain"
FROM_CALENDAR = -1
CLOCK_GAP = 2 * 3600


@dataclass(frozen=True, slots=True)
class RegisterCalendar:
    """`band`: the register's own tariff where the meter counts tariffs itself, else `FROM_CALENDAR`."""

    calendar: Calendar
    band: int

    @property
    def fine(self) -> int:
        """How far apart readings may stand before the division of a day by the clock is an estimate; 0: no clock."""
        return 0 if self.calendar.option == PLAIN else CLOCK_GAP


def calendar_for(register: Register) -> Calendar:
    return calendars_for([register.pk])[register.pk].calendar


def calendars_for(register_ids: Iterable[int]) -> dict[int, RegisterCalendar]:
    """The calendar of each register: the zone of its point, else building, else programme; and its tariff's hours.

    A register with a tariff index tells the band itself: the meter's own clock wins over any calendar. Electricity
    without one is cut by the option of its dwelling, or of the building of its common area.
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
    schedules = _schedules_of([pk for pk, tariff, *_zones in rows if not tariff])
    programme_zone: str | None = None
    made: dict[tuple[str, Schedule], Calendar] = {}
    found: dict[int, RegisterCalendar] = {}
    for pk, tariff, *zones in rows:
        zone = next((name for name in zones if name and _exists(name)), None)
        if zone is None:
            if programme_zone is None:
                programme_zone = Programme.objects.values_list("time_zone", flat=True).get(
                    pk=current_programme_id()
                )
            zone = programme_zone
        schedule = schedules.get(pk, UNDIVIDED)
        if (zone, schedule) not in made:
            made[zone, schedule] = _calendar(zone, schedule)
        found[pk] = RegisterCalendar(made[zone, schedule], tariff or FROM_CALENDAR)
    return found


def _schedules_of(register_ids: Iterable[int]) -> dict[int, Schedule]:
    """Of the registers of electricity whose place has an option that the clock divides."""
    point = "installation__point"
    rows = list(
        Register.objects.filter(
            pk__in=list(register_ids), quantity="energy", **{f"{point}__medium": "electricity"}
        ).values_list("pk", f"{point}__dwelling", f"{point}__building", f"{point}__common_area__building")
    )
    if not rows:
        return {}
    places = [(dwelling, direct or shared) for _pk, dwelling, direct, shared in rows]
    return dict(zip((pk for pk, *_place in rows), schedules_of_places(places), strict=True))


@lru_cache(maxsize=256)
def _exists(zone: str) -> bool:
    """A misspelt zone of one building must not stop the totals of the whole programme."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("there is no time zone %r", zone)
        return False
    return True


def _calendar(zone: str, schedule: Schedule) -> Calendar:
    bands = {"schedule": [list(entry) for entry in schedule]} if schedule else {"0": 0}
    calendar: Calendar
    calendar, _created = Calendar.objects.get_or_create(
        time_zone=zone, option=schedule_name(schedule), defaults={"bands": bands}
    )
    return calendar


def schedule_of(calendar: Calendar | None) -> Schedule:
    """Empty where no clock divides the days."""
    entries = calendar.bands.get("schedule", []) if calendar else []
    return tuple((int(day), str(option), str(windows)) for day, option, windows in entries)


def zone_of(calendar: Calendar) -> ZoneInfo:
    return ZoneInfo(calendar.time_zone)


def cuts_ensure(*, calendar: Calendar, start: int, end: int) -> None:
    """There are cuts for every instant of [start, end] and the day after; made by whole years, without a hole."""
    zone = zone_of(calendar)
    # a day more on both sides: a span may begin exactly where a day ends
    first = date.fromordinal(local_day(start, zone).toordinal() - 1).replace(month=1, day=1)
    last = date.fromordinal(local_day(end, zone).toordinal() + 2)
    last = date(last.year + 1, 1, 1)
    have = covered(calendar)
    if have is not None and have[0] <= first and have[1] >= last:
        return
    # one writer at a time, or two would leave a hole between their years
    Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)
    have = covered(calendar)
    if have is None:
        _make(calendar, first, last)
        return
    if first < have[0]:
        _make(calendar, first, have[0])
    if last > have[1]:
        _make(calendar, have[1], last)


def covered(calendar: Calendar) -> tuple[date, date] | None:
    found = CalendarCut.objects.filter(calendar=calendar).aggregate(first=Min("day"), last=Max("day"))
    if found["first"] is None:
        return None
    return date.fromordinal(found["first"]), date.fromordinal(found["last"] + 1)


def _make(calendar: Calendar, first: date, end: date) -> None:
    CalendarCut.objects.bulk_create(cuts_made(calendar, first, end), ignore_conflicts=True, batch_size=2000)


def cuts_made(calendar: Calendar, first: date, end: date) -> list[CalendarCut]:
    """What the cuts of the days in [first, end) are now, with the colours that are known now; not stored."""
    bands = bands_by_day(schedule_of(calendar), first, end)
    return [
        CalendarCut(calendar=calendar, at=cut.at, next_at=cut.next_at, day=cut.day, band=cut.band)
        for cut in day_cuts(first, end, zone_of(calendar), bands)
    ]
