"""Day totals against an oracle in exact fractions, in random worlds: any order of arrival gives the same digits."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from itertools import pairwise
from math import floor
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tenancy import tenant_scope
from readings.models import DayTotal, Reading, TouchedSpan
from readings.review.rules import ACCEPTED
from readings.services.decisions import reading_accept, reading_confirm, reading_reject
from readings.services.storing import NewReading, readings_store
from readings.totals.drain import totals_drain, totals_rebuild
from servers.models import Register
from testkit.world import World
from tests.readings.gateway_world import make_installation, make_register
from tests.readings.totals_oracle import Rules, Totals, half_up, settled, totals

CHANGES = [  # a zone, and an instant in the middle of something that its clock does
    ("Europe/Paris", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Paris", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Europe/Paris", datetime(2025, 12, 31, 23, tzinfo=UTC)),
    ("Asia/Chita", datetime(2014, 10, 25, 16, tzinfo=UTC)),  # a day of 26 hours
    ("Asia/Chita", datetime(2016, 3, 26, 18, tzinfo=UTC)),
    ("America/Santiago", datetime(2025, 9, 7, 4, tzinfo=UTC)),  # midnight itself is skipped
]
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def stored(register: Register) -> Totals:
    rows = DayTotal.objects.filter(register=register).values_list("day", "quantity", "seconds", "status")
    return {date.fromordinal(day): tuple(rest) for day, *rest in rows}


def used(register: Register) -> dict[int, int]:
    return dict(Reading.objects.filter(register=register, used=True).values_list("at", "value"))


def accepted(register: Register) -> set[int]:
    rows = Reading.objects.filter(register=register, used=True).values_list("at", "marks")
    return {at for at, marks in rows if marks & ACCEPTED}


def make_series(rng: random.Random, centre: int, rules: Rules) -> dict[int, int]:
    """A meter's life around a clock change: dense, sparse, on the hour or not, with falls and jumps."""
    step = rng.choice([600, 3600, 6 * 3600, 86400, 5 * 86400])
    at = centre - rng.randrange(0, 6) * step - rng.randrange(0, 3600)
    value, series = rng.randrange(0, 10**6), {}
    for _ in range(rng.randrange(2, 14)):
        series[at] = value % rules.span if rules.span else value
        at += max(1, step + rng.choice([0, 0, rng.randrange(-step // 2, step), rng.randrange(0, 9) * 86400]))
        value += rng.choice([0, 1, rng.randrange(0, 5000), rng.randrange(0, 10**7)])
        if rng.random() < 0.1:
            value = max(0, value - rng.randrange(1, 10**6))
    return series


def live(rng: random.Random, register: Register, series: dict[int, int]) -> None:
    """The readings arrive shuffled, some twice, some corrected, some rejected and taken back, with drains between."""
    arrivals = [
        (at, value + (rng.randrange(1, 99) if rng.random() < 0.2 else 0), 1) for at, value in series.items()
    ]
    arrivals += [(at, value, 2) for at, value in series.items()]
    rng.shuffle(arrivals)
    while arrivals:
        some = [arrivals.pop() for _ in range(min(len(arrivals), rng.randrange(1, 9)))]
        rows = [NewReading(register.pk, at, value, 1, seq) for at, value, seq in some]
        readings_store(rows=rows, source=Reading.Source.GATEWAY, now=NOW)
        if rng.random() < 0.3:
            at = rng.choice([row.at for row in rows])
            (reading_reject if rng.random() < 0.7 else reading_accept)(register_id=register.pk, at=at)
        if rng.random() < 0.3:
            reading_confirm(
                register_id=register.pk, at=rng.choice([row.at for row in rows]), confirmed=rng.random() < 0.8
            )
        if rng.random() < 0.5:
            totals_drain(programme_id=register.programme_id)


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(seed=st.integers(0, 2**32), change=st.sampled_from(CHANGES), rolls=st.booleans(), capped=st.booleans())
def test_totals_equal_the_definition(
    world: World, seed: int, change: tuple[str, datetime], rolls: bool, capped: bool
) -> None:
    rng = random.Random(seed)
    zone, centre = change
    rules = Rules(
        ZoneInfo(zone),
        span=10**7 if rolls else None,
        max_per_hour=rng.choice([10**4, 10**6]) if rolls or capped else None,
        gap=rng.choice([3600, 2 * 86400]),
    )
    with tenant_scope(world.ours.programme.pk):
        register = make_register(
            make_installation(time_zone=zone),
            span=rules.span,
            max_per_hour=rules.max_per_hour,
            gap_seconds=rules.gap,
        )
        live(rng, register, make_series(rng, int(centre.timestamp()), rules))
        totals_drain(programme_id=register.programme_id)
        readings, found = used(register), stored(register)
        confirmed = accepted(register)
        assert found == totals(readings, rules, accepted=confirmed)
        pairs = sorted(readings.items())
        rises = [settled(rules, confirmed, *a, *b)[0] for a, b in pairwise(pairs)]
        assert sum(quantity for quantity, _s, _t in found.values()) == sum(r for r in rises if r is not None)
        assert not TouchedSpan.objects.filter(register=register).exists()
        totals_rebuild(register_ids=[register.pk])  # from the readings alone: the same to the last digit
        assert stored(register) == found


def test_the_oracle_tells_a_wrong_rounding(world: World) -> None:
    """The negative control: three steps a day from noon: midnight lies at one step and a half."""
    rules = Rules(ZoneInfo("Europe/Paris"))
    start = int(datetime(2026, 1, 9, 11, tzinfo=UTC).timestamp())
    with tenant_scope(world.ours.programme.pk):
        register = make_register(make_installation())
        rows = [NewReading(register.pk, start + i * 86400, i * 3) for i in range(5)]
        readings_store(rows=rows, source=Reading.Source.GATEWAY, now=NOW)
        totals_drain(programme_id=world.ours.programme.pk)
        found, readings = stored(register), used(register)
    assert found == totals(readings, rules, half_up)
    assert found != totals(readings, rules, floor)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("Asia/Chita", date(2014, 10, 26), 26),
        ("Asia/Chita", date(2016, 3, 27), 23),
        ("Europe/Paris", date(2026, 6, 1), 24),
    ],
)
def test_a_day_has_the_hours_its_clock_says(world: World, zone: str, day: date, hours: int) -> None:
    """One step an hour: the day's quantity is its length."""
    noon = int(datetime(day.year, day.month, day.day, 3, tzinfo=UTC).timestamp())
    with tenant_scope(world.ours.programme.pk):
        register = make_register(make_installation(time_zone=zone))
        rows = [NewReading(register.pk, noon + h * 3600, 100 + h) for h in range(-40, 41)]
        readings_store(rows=rows, source=Reading.Source.GATEWAY, now=NOW)
        totals_drain(programme_id=world.ours.programme.pk)
        assert stored(register)[day] == (hours, hours * 3600, 0)
