"""From the options and hours that are set to a schedule: which bands divide which days of a place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b

from tariffs.calendars import FAMILIES, Bands, Window, bands_of, parse_windows
from tariffs.models import DayColour
from tariffs.selectors import Parameters, parameters_of_places

KEYS = ("electricity_option", "off_peak_hours")
# (ordinal of the day from which it holds, option, windows), oldest first; the first holds since ever
Schedule = tuple[tuple[int, str, str], ...]
PLAIN: Schedule = ()


def schedule_of_parameters(values: Parameters) -> Schedule:
    """Empty where no option ever divided a day. Two places with the same history have the same schedule."""
    entries: list[tuple[int, str, str]] = []
    for day in [date.min, *values.changes(KEYS)]:
        option = values.at("electricity_option", day)
        windows = values.at("off_peak_hours", day) if option == "off_peak" else ""
        if option not in FAMILIES:
            option = "base"
        if not entries or entries[-1][1:] != (option, windows):
            entries.append((day.toordinal(), option, windows))
    return PLAIN if [option for _day, option, _w in entries] == ["base"] else tuple(entries)


def schedules_of_places(places: Sequence[tuple[int | None, int | None]]) -> list[Schedule]:
    """The schedule of each (dwelling, building); two or three queries for all of them."""
    known: dict[int, Schedule] = {}
    found = []
    for values in parameters_of_places(places, KEYS):
        if id(values) not in known:
            known[id(values)] = schedule_of_parameters(values)
        found.append(known[id(values)])
    return found


def schedule_name(schedule: Schedule) -> str:
    """The calendar's name: short, and the same for the same schedule."""
    if not schedule:
        return "plain"
    return f"clock-{blake2b(repr(schedule).encode(), digest_size=12).hexdigest()}"


def bands_by_day(schedule: Schedule, first: date, end: date) -> Callable[[date], Bands]:
    """The bands of the days in [first, end); one query where an option has colours."""
    colours: dict[tuple[str, date], str] = {}
    if {"tempo", "ejp"} & {option for _day, option, _windows in schedule}:
        rows = DayColour.objects.filter(day__gte=first - timedelta(days=1), day__lt=end)
        colours = {
            (option, day): colour for option, day, colour in rows.values_list("option", "day", "colour")
        }
    return lambda day: _bands(schedule, day, colours)


def _bands(schedule: Schedule, day: date, colours: dict[tuple[str, date], str]) -> Bands:
    number = day.toordinal()
    entries: Iterable[tuple[int, str, str]] = (entry for entry in reversed(schedule) if entry[0] <= number)
    _from, option, windows = next(iter(entries), (0, "base", ""))
    return bands_of(option, _windows(windows), day, lambda when: colours.get((option, when), ""))


@lru_cache(maxsize=256)
def _windows(text: str) -> tuple[Window, ...]:
    return parse_windows(text) if text else ()
