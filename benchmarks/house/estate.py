"""A housing programme to open pages of: buildings of 200 dwellings with five meters each, and people who look."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Programme, Role
from accounts.tenancy import tenant_scope, unscoped
from servers.models import Building, Dwelling, Meter, MeteringPoint, MeterInstallation, Occupancy, Register
from tariffs.models import Level, ParameterValue
from testkit.queries import OF_A_SCOPE
from testkit.world import join, make_programme, make_user

SLUG = "estate"
DWELLINGS = 200  # of a building
METERS = (
    ("heat", "heating", "energy", "kWh"), ("hot_water", "hot_water", "energy", "kWh"),
    ("cold_water", "water", "volume", "m3"), ("electricity", "sockets", "energy", "kWh"),
    ("electricity", "other", "energy", "kWh"),
)  # fmt: skip
PRICES = {"heating": "951", "hot_water": "951", "cold_water_m3": "39000"}
SINCE = datetime(2010, 1, 1, tzinfo=UTC)


def build_estate(buildings: int) -> list[int]:
    """[programme, first register, last register]; registers are numbered in one row."""
    programme = make_programme("Domaine", SLUG)
    operator, occupant = make_user("operator@estate.example"), make_user("occupant@estate.example")
    join(operator, programme, Role.OPERATOR)
    join(occupant, programme, Role.OCCUPANT)
    with tenant_scope(programme.pk):
        for key, value in PRICES.items():
            ParameterValue.objects.create(
                level=Level.OPERATOR_PROGRAMME, key=key, value=value, valid_from=date(2010, 1, 1)
            )
        for number in range(buildings):
            _building(number)
        home = Dwelling.objects.order_by("pk").first()
        Occupancy.objects.create(dwelling=home, user=occupant, move_in=date(2010, 1, 1))
        keys = list(Register.objects.order_by("pk").values_list("pk", flat=True))
    assert keys == list(range(keys[0], keys[-1] + 1))
    return [programme.pk, keys[0], keys[-1]]


def _building(number: int) -> None:
    building = Building.objects.create(ref=f"B{number}", name=f"Building {number}")
    homes = Dwelling.objects.bulk_create(
        Dwelling(building=building, ref=f"{n}", name=f"{number}-{n:03}", area_cm2=500_000 + n * 1000)
        for n in range(DWELLINGS)
    )
    wanted = [(home, meter) for home in homes for meter in METERS]
    points = MeteringPoint.objects.bulk_create(
        MeteringPoint(name=usage, medium=medium, usage=usage, dwelling=home)
        for home, (medium, usage, *_) in wanted
    )
    meters = Meter.objects.bulk_create(
        Meter(serial=f"{number}-{n}", medium=point.medium) for n, point in enumerate(points)
    )
    installations = MeterInstallation.objects.bulk_create(
        MeterInstallation(meter=meter, point=point, installed_at=SINCE)
        for meter, point in zip(meters, points, strict=True)
    )
    Register.objects.bulk_create(
        Register(installation=installation, ref="r", quantity=quantity, unit=unit, exponent=-3)
        for installation, (_home, (_m, _u, quantity, unit)) in zip(installations, wanted, strict=True)
    )


def look(who: str, page: str, rounds: int) -> list[dict[str, Any]]:
    """Open a page as often, and beside each time the bare statement of the rows that it shows."""
    from accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=f"{who}@estate.example"))
    address, bare = _page(page)
    client.get(address)
    found = []
    for _turn in range(rounds):
        watch = _Watch()
        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(watch))
            began = time.perf_counter()
            answer = client.get(address)
            took = time.perf_counter() - began
        assert answer.status_code == 200, (page, answer.status_code)
        found.append({
            "seconds": took, "queries": watch.count, "scopes": watch.scopes, "sql": watch.seconds,
            "bare": _timed(bare), "slowest": watch.slowest(),
        })  # fmt: skip
    return found


class _Watch:
    """Counts statements and their time. Looking up who is there counts as well; the statements that only tell the
    database whose rows may be seen (`scopes`) are counted apart, their time is not."""

    def __init__(self) -> None:
        self.count, self.scopes, self.seconds = 0, 0, 0.0
        self.times: list[tuple[float, str]] = []

    def slowest(self) -> list[str]:
        worst = sorted(self.times, reverse=True)[:5]
        return [f"{took * 1000:.1f} ms {sql[:100]}…{sql[sql.find(' FROM ') :][:160]}" for took, sql in worst]

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            took = time.perf_counter() - began
            self.seconds += took
            self.times.append((took, sql))
            if sql.startswith(OF_A_SCOPE):
                self.scopes += 1
            else:
                self.count += 1


def _page(page: str) -> tuple[str, list[str]]:
    """Its address, and the statements that fetch what it shows and nothing else."""
    programme = Programme.objects.get(slug=SLUG)
    today = timezone.now().date()
    with tenant_scope(programme.pk):
        building = Building.objects.order_by("pk").first()
        assert building is not None
        everything = list(Register.objects.order_by("pk").values_list("pk", flat=True))
    here = everything[: DWELLINGS * len(METERS)]
    month, year_ago = today.replace(day=1), today.replace(day=1, year=today.year - 1)
    days = (today - month).days + 1
    spans = [(month, days), (year_ago, days)]
    if page == "occupant":
        before = (month - timedelta(days=1)).replace(day=1)
        own = _days(programme.pk, everything[: len(METERS)], [*spans, (before, days)])
        return f"/p/{SLUG}/home/", [own, _sums(programme.pk, here, [(month, days)])]
    if page == "programme":
        return f"/p/{SLUG}/overview/", [_sums(programme.pk, everything, spans)]
    # the year before counts as far as this month has come; the twelve months are the page's chart and lines
    starts = [
        date(today.year - (today.month <= back), (today.month - back - 1) % 12 + 1, 1) for back in range(12)
    ]
    months = _sums(
        programme.pk, here, [(starts[-1], (today - starts[-1]).days), spans[1]], [year_ago, *starts[::-1]]
    )
    return f"/p/{SLUG}/buildings/{building.public_id}/overview/", [months]


def _where(programme: int, registers: list[int], spans: list[tuple[date, int]]) -> str:
    keys = ",".join(map(str, registers))
    days = " OR ".join(f"(day >= {a.toordinal()} AND day < {a.toordinal() + n})" for a, n in spans)
    return f"FROM readings_daytotal WHERE programme_id = {programme} AND register_id IN ({keys}) AND ({days})"


def _days(programme: int, registers: list[int], spans: list[tuple[date, int]]) -> str:
    return f"SELECT register_id, day, band, quantity, seconds, status {_where(programme, registers, spans)}"


def _sums(
    programme: int, registers: list[int], spans: list[tuple[date, int]], starts: list[date] | None = None
) -> str:
    """By register and piece of time; the pieces begin on `starts`, oldest first."""
    where = _where(programme, registers, spans)
    begins = ",".join(str(day.toordinal()) for day in starts or [spans[0][0]])
    return (
        f"SELECT register_id, width_bucket(day, ARRAY[{begins}]), sum(quantity), sum(seconds), max(status) {where} "
        "GROUP BY register_id, 2"
    )


def _timed(statements: list[str]) -> float:
    with unscoped(reason="the benchmark's bare side"), connection.cursor() as cursor:
        cursor.execute("SET jit = off")  # compiling would flatter the page's side
        began = time.perf_counter()
        for sql in statements:
            cursor.execute(sql)
            cursor.fetchall()
        return time.perf_counter() - began


def months_of_building(rounds: int) -> list[dict[str, float]]:
    """The twelve months of a building's dwellings, as the operator's exports read them, beside one bare statement."""
    from readings.overview.uses import Estate
    from readings.totals.selectors import months_of, next_month

    programme = Programme.objects.get(slug=SLUG)
    today = timezone.now().date()
    first = today.replace(day=1, year=today.year - 1)
    windows = [(month, next_month(month)) for month in months_of(first, today.replace(day=1))]
    found = []
    with tenant_scope(programme.pk):
        building = Building.objects.order_by("pk").first()
        homes = list(Dwelling.objects.filter(building=building).values_list("pk", "building_id"))
        registers = list(Register.objects.order_by("pk").values_list("pk", flat=True))[
            : DWELLINGS * len(METERS)
        ]
        cases = " ".join(f"WHEN day < {b.toordinal()} THEN {n}" for n, (_a, b) in enumerate(windows))
        where = _where(programme.pk, registers, [(first, (windows[-1][1] - first).days)])
        bare = f"SELECT register_id, CASE {cases} END, sum(quantity), sum(seconds), max(status) {where} GROUP BY 1, 2"
        for turn in range(rounds + 1):
            watch = _Watch()
            with connection.execute_wrapper(watch):
                began = time.perf_counter()
                estate = Estate(dict(homes))
                uses = estate.uses(windows)
                took = time.perf_counter() - began
            assert len(uses) == 12 and len(uses[0]) == DWELLINGS
            with connection.cursor() as cursor:
                began = time.perf_counter()
                cursor.execute(bare)
                cursor.fetchall()
                plain = time.perf_counter() - began
            if turn:
                found.append({"seconds": took, "queries": watch.count, "sql": watch.seconds, "bare": plain})
    return found
