"""The operator's overview: hand-computed figures, the ranking, what is far from the others, and who sees it."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum

from accounts.models import Membership, Role
from accounts.tables import table_read
from accounts.tenancy import tenant_scope
from readings.models import DayTotal
from readings.totals.plans import page_by_page
from servers.models import Building, Occupancy
from tariffs.models import Level, ParameterValue
from testkit.estate import Home, make_home
from testkit.queries import page_queries
from testkit.world import Housing, World, join, make_user

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
DAYS = [date(2026, 11, day) for day in (1, 2, 3)]


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def furnish(housing: Housing, ref: str, kwh_a_day: int, *, area_m2: int = 50, last_year: int = 0) -> Home:
    home = make_home(housing.programme, ref, f"Appartement {ref}")
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    with tenant_scope(housing.programme.pk):
        home.dwelling.area_cm2 = area_m2 * 10_000
        home.dwelling.save()
        register = home.registers["heat/energy"]
        rows = [(day, kwh_a_day) for day in DAYS]
        rows += [(day.replace(year=2025), last_year) for day in DAYS if last_year]
        DayTotal.objects.bulk_create(
            DayTotal(register=register, day=day.toordinal(), quantity=kwh * 1000, seconds=86400)
            for day, kwh in rows
        )
    return home


@pytest.fixture
def homes(world: World) -> list[Home]:
    """Six dwellings of 50 m²; the last uses ten times as much. The other programme has one of its own."""
    furnish(world.theirs, "Z-9", 777)
    return [
        furnish(world.ours, f"A-10{n}", kwh, last_year=8)
        for n, kwh in enumerate((10, 11, 12, 13, 14, 100), start=1)
    ]


def words(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))


def test_the_month_so_far_ranked_by_square_metre(world: World, homes: list[Home], sign_in: Any) -> None:
    response = sign_in(world.ours.operator).get("/p/tilleuls/overview/")
    rows = response.context["rows"]
    assert [row["dwelling"].ref for row in rows] == ["A-106", "A-105", "A-104", "A-103", "A-102", "A-101"]
    # three days of 100 kWh over 50 m²; against 3 × 8 kWh a year ago
    first = {key: re.sub(r"\s", " ", str(rows[0][key])) for key in ("energy", "per_m2", "change")}
    assert first == {"energy": "300 kWh", "per_m2": "6.0", "change": "+1,150%"}
    assert [row["state"]["label"] for row in rows[:2]] == ["far above", "complete"]
    text = words(response)
    assert "480 kWh" in text and "Z-9" not in text and "2,331" not in text  # 3 × (10+11+12+13+14+100)


def test_a_running_month_begins_with_yesterday(world: World, homes: list[Home], sign_in: Any) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC), tick=False):
        context = sign_in(world.ours.operator).get("/p/tilleuls/overview/").context
    assert context["period_label"] == "November 2026"
    # three of thirty days are known
    assert {row["state"]["label"] for row in context["rows"]} == {"27 days missing"}


def test_search_sort_filter_and_pages(world: World, homes: list[Home], sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.create(
            dwelling=homes[2].dwelling, user=world.ours.occupant, name="Zoé Quidam", move_in=date(2026, 1, 1)
        )
    for query, refs in (
        ("?q=quidam", ["A-103"]),
        ("?show=outliers", ["A-106"]),
        ("?show=incomplete", []),
        ("?sort=energy&page=99", ["A-101", "A-102", "A-103", "A-104", "A-105", "A-106"]),
        ("?sort=x&show=y&at=%00&page=z&q=A-101", ["A-101"]),
    ):
        context = client.get(f"/p/tilleuls/overview/{query}").context
        assert [row["dwelling"].ref for row in context["rows"]] == refs, query


def test_the_list_is_taken_away_whole(world: World, homes: list[Home], sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    for kind in ("csv", "xlsx"):
        response = client.get(f"/p/tilleuls/overview/?sort=name&export={kind}")
        content = b"".join(response.streaming_content) if response.streaming else response.content
        import io

        table = table_read(io.BytesIO(content), f"a.{kind}")
        rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
        assert [row["Dwelling"] for row in rows] == [f"Appartement A-10{n}" for n in range(1, 7)]
        assert float(rows[5]["Energy (kWh)"]) == 300 and float(rows[5]["kWh per m²"]) == 6


def test_an_operator_of_some_buildings_sees_those(world: World, homes: list[Home], sign_in: Any) -> None:
    with tenant_scope(world.ours.programme.pk):
        other = Building.objects.create(ref="B", name="Bâtiment B")
        own = Building.objects.get(ref="A")
    scoped = make_user("scoped@tilleuls.example")
    join(scoped, world.ours.programme, Role.OPERATOR)
    Membership.objects.filter(user=scoped).update(buildings=[other.pk])
    client = sign_in(scoped)
    assert client.get("/p/tilleuls/overview/").context["rows"] == []
    assert client.get(f"/p/tilleuls/buildings/{own.public_id}/overview/").status_code == 404
    whole = sign_in(world.ours.operator).get(f"/p/tilleuls/buildings/{own.public_id}/overview/")
    assert len(whole.context["rows"]) == 6 and whole.context["chart"] is not None


def test_each_dwellings_cost_is_that_of_its_own_page(world: World, homes: list[Home], sign_in: Any) -> None:
    """Three days of 10 kWh at 0.10 €, from the 3rd at 0.20 €, 5 % of it tax on top, and 0.50 € a day: 1 + 1 + 2 €
    and 5 %, and 1.50 €."""
    with tenant_scope(world.ours.programme.pk):
        since = date(2025, 1, 1)
        for key, value, start, end in (
            ("heating", "1000", since, date(2026, 11, 3)), ("heating", "2000", date(2026, 11, 3), None),
            ("vat_heating", "50000", since, None), ("standing_heating", "d:5000", since, None),
        ):  # fmt: skip
            ParameterValue.objects.create(
                level=Level.OPERATOR_PROGRAMME, key=key, value=value, valid_from=start, valid_to=end
            )
    client = sign_in(world.ours.operator)
    rows = {row["dwelling"].name: row["cost"] for row in client.get("/p/tilleuls/overview/").context["rows"]}
    # the standing charge is taxed as well: 1.50 € net
    assert rows["Appartement A-101"].replace("\xa0", " ") in ("€5.78", "5,78 €", "5.78 €")
    table = table_read(
        io.BytesIO(client.get("/p/tilleuls/overview/?export=csv&sort=name").getvalue()), "a.csv"
    )
    exported = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    assert exported[0]["Cost (EUR)"] == "5.78"
    page = client.get(f"/p/tilleuls/dwellings/{homes[0].dwelling.public_id}/consumption/").context
    assert page["consumption"].total_minor == 420 + 210, "with the standing charge of today"


def test_few_queries_whatever_the_number_of_dwellings(world: World, homes: list[Home], sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    pages = (
        "/p/tilleuls/overview/",
        f"/p/tilleuls/buildings/{homes[0].dwelling.building.public_id}/overview/",
    )
    client.get(pages[0])
    few = [len(page_queries(client, page)) for page in pages]
    for n in range(20):
        furnish(world.ours, f"A-2{n:02}", 9)
    many = [len(page_queries(client, page)) for page in pages]
    assert many == few and max(many) <= 15


def test_many_registers_are_read_by_a_bitmap_and_the_planner_is_free_again(world: World) -> None:
    """However long the history: in the order of the index, or as a whole, the table would be read in years."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one way to read a table")
    names = ("enable_indexscan", "enable_seqscan", "work_mem")
    settings = f"SELECT {', '.join(f'current_setting($${name}$$)' for name in names)}"
    with tenant_scope(world.ours.programme.pk), connection.cursor() as cursor:
        cursor.execute(settings)
        before = cursor.fetchone()
        with page_by_page():
            rows = DayTotal.objects.filter(register_id__in=range(1, 3000), day__gte=739000, day__lt=739030)
            plan = rows.order_by().values("register_id").annotate(Sum("quantity")).explain()
        cursor.execute(settings)
        assert cursor.fetchone() == before
    assert "Bitmap Heap Scan on readings_daytotal" in plan and "Seq Scan" not in plan, plan
