"""Water that never stops: no hour without flow over the last days. Told from readings that come hourly or oftener."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from readings.consumption.breakdown import WATERS, Source
from readings.consumption.hours import HOUR, Course, hour_quantities, readings_around
from tariffs.units import CUBIC_METRES, quantity_of, to_cubic_metres

DAYS = 3
KNOWN = Fraction(9, 10)  # of the hours; the rest may be missing, but none may be without flow


@dataclass(frozen=True)
class Leak:
    """`least` litres in the hour with the least flow, out of `hours` that are known."""

    medium: str
    register_id: int
    hours: int
    least: Fraction

    @property
    def a_day(self) -> Fraction:
        """Litres that run away in a day if the least flow is the leak."""
        return self.least * 24


def last_hours(now: datetime) -> list[tuple[int, int]]:
    """The full hours of the last days, oldest first, in epoch seconds."""
    end = int(now.timestamp()) // HOUR * HOUR
    return [(at, at + HOUR) for at in range(end - DAYS * 24 * HOUR, end, HOUR)]


def water_registers(sources: Mapping[int, Source]) -> list[int]:
    return [
        pk
        for pk, one in sources.items()
        if one.quantity == "volume" and one.medium in WATERS and one.unit in CUBIC_METRES
    ]


def leaks_of(sources: Mapping[int, Source], now: datetime) -> list[Leak]:
    """Two queries; none where there is no water meter."""
    wanted = water_registers(sources)
    hours = last_hours(now)
    if not wanted:
        return []
    found = readings_around(wanted, hours[0][0], hours[-1][1])
    leaks = [leak_in(sources[pk], course, hours) for pk, course in found.items()]
    return [leak for leak in leaks if leak is not None]


def leak_in(source: Source, course: Course, hours: Sequence[tuple[int, int]]) -> Leak | None:
    """None where some hour had no flow, or too few hours are known by readings of their own."""
    known = [
        one.steps for one in hour_quantities(course, hours) if one.steps is not None and not one.estimated
    ]
    if len(known) < KNOWN * len(hours) or min(known) <= 0:
        return None
    cubic_metres = to_cubic_metres(quantity_of(min(known), source.exponent), source.unit)
    return Leak(source.medium, source.register_id, len(known), cubic_metres * 1000)


def window_start(now: datetime) -> datetime:
    return now - timedelta(days=DAYS)
