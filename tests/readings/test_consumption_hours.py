"""The hours of a day: differences of the same line as the day totals, and water that never stops."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from readings.consumption.breakdown import Source
from readings.consumption.hours import Course, hour_quantities, hours_of
from readings.consumption.periods import parse_period, period_of
from readings.hints.leak import last_hours, leak_in
from readings.overview.comparable import average_of
from readings.overview.uses import Use

pytestmark = pytest.mark.pure
PARIS = ZoneInfo("Europe/Paris")
HOUR = 3600


def steps(course: Course, hours: list[tuple[int, int]]) -> list[tuple[int | None, bool]]:
    return [(one.steps, one.estimated) for one in hour_quantities(course, hours)]


@pytest.mark.parametrize(
    ("day", "count"), [(date(2026, 11, 22), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25)]
)
def test_a_local_day_has_23_24_or_25_hours(day: date, count: int) -> None:
    hours = hours_of(day, PARIS)
    assert len(hours) == count and all(end - start == HOUR for start, end in hours)


def test_an_hour_is_the_difference_of_the_line_at_its_ends() -> None:
    hours = [(0, HOUR), (HOUR, 2 * HOUR), (2 * HOUR, 3 * HOUR)]
    # read at 0:00, 0:30, 1:15 and 2:00: 10 steps, 9 steps over 45 min, 5 steps over 45 min; nothing after 2:00
    course = Course([(0, 100), (1800, 110), (4500, 119), (7200, 124)])
    # up to 1:00 two thirds of the 9; then the other third and the 5
    assert steps(course, hours) == [(16, False), (8, False), (None, False)]


def test_hours_between_far_readings_are_even_and_marked_and_add_up() -> None:
    hours = [(n * HOUR, (n + 1) * HOUR) for n in range(5)]
    found = steps(Course([(0, 0), (5 * HOUR, 12)]), hours)
    # index at the hours: 2.4, 4.8, 7.2, 9.6, 12 → 2, 5, 7, 10, 12
    assert found == [(2, True), (3, True), (2, True), (3, True), (2, True)]


def test_a_rollover_counts_on_and_a_fall_counts_nothing() -> None:
    hours = [(0, HOUR), (HOUR, 2 * HOUR)]
    readings = [(0, 95), (HOUR, 5), (2 * HOUR, 6)]
    assert steps(Course(readings, span=100, max_per_hour=20), hours) == [(10, False), (1, False)]
    assert steps(Course(readings), hours) == [(None, False), (1, False)]
    assert steps(Course(readings, span=100, max_per_hour=9), hours) == [(None, False), (1, False)]


WATER = Source(1, "cold_water", "water", "volume", "m3", -3, 0, False)
NOW = datetime(2026, 11, 22, 12, 20, tzinfo=UTC)


def hourly(flow: list[int]) -> Course:
    hours = last_hours(NOW)
    marks = [hours[0][0], *(end for _start, end in hours)]
    return Course([(at, sum(flow[:n])) for n, at in enumerate(marks)])


def test_water_that_never_stops() -> None:
    hours = last_hours(NOW)
    assert len(hours) == 72 and hours[-1][1] == datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    leak = leak_in(WATER, hourly([3, *[7] * 71]), hours)
    assert leak is not None and (leak.least, leak.a_day, leak.hours) == (3, 72, 72)  # litres
    assert leak_in(WATER, hourly([7] * 40 + [0] + [7] * 31), hours) is None, "one dry hour is enough"
    sparse = Course([(hours[0][0], 0), (hours[-1][1], 500)])
    assert leak_in(WATER, sparse, hours) is None, "two readings in three days tell nothing"


def test_the_same_period_a_year_ago() -> None:
    for kind, day, first in (
        ("day", date(2024, 2, 29), date(2023, 2, 28)),
        ("week", date(2026, 12, 30), date(2025, 12, 22)),  # week 53; 2025 has 52
        ("month", date(2026, 11, 22), date(2025, 11, 1)),
        ("year", date(2026, 11, 22), date(2025, 1, 1)),
    ):
        assert period_of(kind, day).year_before.first_day == first
    assert parse_period("day", "2026-11-21", date(2026, 11, 22)).key == "2026-11-21"
    assert parse_period("day", "x", date(2026, 11, 22)).first_day == date(2026, 11, 22)


def test_the_average_of_comparable_dwellings() -> None:
    def use(kwh: int, seconds: int = 10 * 86400) -> Use:
        return Use({"heating": Fraction(kwh)}, {}, seconds)

    uses = {n: use(kwh) for n, kwh in enumerate((999, 100, 200, 300, 400, 500))}
    areas: dict[int, int | None] = {0: 500_000, 1: 200_000, 2: 400_000, 3: 600_000, 4: 800_000, 5: 1_000_000}
    found = average_of(0, uses, areas, 10)
    # 1500 kWh over 300 m² are 5 kWh/m²; the own dwelling has 50 m²
    assert found is not None and (found.by_area, found.dwellings, found.usages) == (True, 5, {"heating": 250})
    plain = average_of(0, uses, {**areas, 0: None}, 10)
    assert plain is not None and (plain.by_area, plain.energy) == (False, 300)
    assert average_of(0, uses | {5: use(500, 8 * 86400)}, areas, 10) is None, (
        "four others would tell too much"
    )
    assert average_of(0, uses, areas, 0) is None
