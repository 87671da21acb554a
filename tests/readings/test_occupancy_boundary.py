"""The occupancy is the boundary: by exact days, in every form in which a page gives figures away.

Each day of the dwelling uses another power of two in Wh, so any sum tells which days are in it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import User
from accounts.tenancy import tenant_scope
from readings.models import Reading
from servers.models import Building, MeteringPoint, Occupancy, OccupantRight
from testkit.estate import Home, make_home
from testkit.world import World, join, make_user

TODAY = date(2026, 11, 22)
FIRST = date(2026, 11, 10)  # 2^0 Wh; 10…22 November
DAYS = [FIRST + timedelta(days=n) for n in range(13)]
Stay = tuple[str, str | None]  # "MM-DD"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def home(world: World) -> Home:
    User.objects.update(language="en")
    home = make_home(world.ours.programme)
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    for power, day in enumerate(DAYS):
        home.total("heat/energy", day, 2**power)
    return home


def day(text: str | None) -> date | None:
    return date(2026, int(text[:2]), int(text[3:])) if text else None


def live(home: Home, user: User, stays: list[Stay]) -> None:
    with tenant_scope(home.programme.pk):
        Occupancy.objects.filter(user=user).delete()
        for move_in, move_out in stays:
            Occupancy.objects.create(
                dwelling=home.dwelling, user=user, move_in=day(move_in), move_out=day(move_out)
            )


def days_in(kwh: Any) -> list[int]:
    """The days of November that make up this sum."""
    steps = round(kwh * 1000)
    return [one.day for power, one in enumerate(DAYS) if steps >> power & 1]


@dataclass
class Shown:
    """What each form of the occupant's page gives away, as days of November."""

    month: list[int]
    year: list[int]
    week: list[int]
    export: list[int]


def look(client: Any) -> Shown:
    url = "/p/tilleuls/home/"

    def energy(query: str) -> list[int]:
        answer = client.get(url + query)
        assert answer.status_code == 200
        return days_in(answer.context["consumption"].energy)

    exported = client.get(f"{url}?period=year&at=2026&export=csv")
    text = b"".join(exported.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))[1:]
    weeks = [one for week in ("W46", "W47") for one in energy(f"?period=week&at=2026-{week}")]
    return Shown(
        energy("?period=month&at=2026-11"), energy("?period=year&at=2026"), weeks,
        [date.fromisoformat(row[0]).day for row in rows],
    )  # fmt: skip


# stays of one person in the dwelling, and the days of November that are theirs among 10…22
CASES: list[tuple[str, list[Stay], list[int]]] = [
    ("since ever", [("01-01", None)], [*range(10, 23)]),
    ("moved in on the 15th", [("11-15", None)], [*range(15, 23)]),
    ("moves in today", [("11-22", None)], [22]),
    ("moves in tomorrow", [("11-23", None)], []),
    ("moved out on the 15th", [("01-01", "11-15")], [10, 11, 12, 13, 14]),
    ("moves out today", [("01-01", "11-22")], [*range(10, 22)]),
    ("one day", [("11-12", "11-13")], [12]),
    ("successive stays", [("11-10", "11-12"), ("11-12", "11-14")], [10, 11, 12, 13]),
    ("a gap of a day", [("11-10", "11-12"), ("11-13", "11-14")], [10, 11, 13]),
    ("came back", [("01-01", "11-11"), ("11-20", None)], [10, 20, 21, 22]),
    ("two stays that overlap", [("11-10", "11-15"), ("11-12", "11-18")], [*range(10, 18)]),
    ("one within the other", [("11-10", "11-20"), ("11-12", "11-14")], [*range(10, 20)]),
]


def test_each_form_shows_the_own_days_only(world: World, home: Home, sign_in: Any) -> None:
    client = sign_in(world.ours.occupant)
    for name, stays, expected in CASES:
        live(home, world.ours.occupant, stays)
        shown = look(client)
        assert shown.month == expected, name
        assert shown.year == expected, name
        assert sorted(shown.week) == expected, name
        assert shown.export == expected, name


def test_hours_of_a_day_are_of_an_own_day(world: World, home: Home, sign_in: Any) -> None:
    live(home, world.ours.occupant, [("11-15", "11-20")])
    client = sign_in(world.ours.occupant)
    register = home.registers["heat/energy"]
    with tenant_scope(home.programme.pk):
        for hour in range(13 * 24):
            at = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp()) + hour * 3600
            Reading.objects.create(register=register, at=at, value=hour * 1000, used=True)
    for one, may in ((14, False), (15, True), (19, True), (20, False)):
        page = client.get(f"/p/tilleuls/home/?period=day&at=2026-11-{one}")
        assert (page.context["chart"] is not None) == may, one
        assert bool(page.context["consumption"].energy) == may, one


def test_flatmates_see_their_own_days_each(world: World, home: Home, sign_in: Any) -> None:
    other = make_user("nina@tilleuls.example", name="Nina")
    join(other, world.ours.programme, "occupant")
    live(home, world.ours.occupant, [("11-10", "11-14")])
    live(home, other, [("11-12", None)])
    assert look(sign_in(world.ours.occupant)).month == [10, 11, 12, 13]
    assert look(sign_in(other)).month == [*range(12, 23)]


def test_what_stood_before_is_no_comparison(world: World, home: Home, sign_in: Any) -> None:
    live(home, world.ours.occupant, [("11-16", None)])
    page = sign_in(world.ours.occupant).get("/p/tilleuls/home/?period=week&at=2026-W47")
    assert days_in(page.context["consumption"].energy) == [*range(16, 23)]
    for row in page.context["compare_rows"] or []:
        assert all(other["value"] == "—" for other in row["others"]), row


def test_the_last_value_is_cut_in_the_zone_of_the_point(world: World, home: Home, sign_in: Any) -> None:
    """Midnight of the move-out is that of the metering point: 22 November, 00:00 in Chita is 16:00 in Paris before."""
    live(home, world.ours.occupant, [("01-01", "11-23")])
    path = f"/p/tilleuls/dwellings/{home.dwelling.public_id}/"
    client = sign_in(world.ours.occupant)
    register = home.registers["heat/energy"]

    def sees(at: datetime, zone: str) -> bool:
        with tenant_scope(home.programme.pk):
            Reading.objects.all().delete()
            Reading.objects.create(register=register, at=int(at.timestamp()), value=987_654, used=True)
            MeteringPoint.objects.update(time_zone=zone)
        answer = client.get(path)
        assert answer.status_code == 200
        return "987.7" in answer.content.decode()

    paris, chita = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Chita")
    assert sees(datetime(2026, 11, 22, 23, 59, tzinfo=paris), "")
    assert not sees(datetime(2026, 11, 23, 0, 0, tzinfo=paris), "")
    assert sees(datetime(2026, 11, 22, 23, 59, tzinfo=chita), "Asia/Chita")
    assert not sees(datetime(2026, 11, 23, 0, 0, tzinfo=chita), "Asia/Chita")
    assert not sees(datetime(2025, 12, 31, 23, 59, tzinfo=paris), "")


def test_the_dwelling_itself_closes_on_the_day_of_the_move_out(
    world: World, home: Home, sign_in: Any
) -> None:
    """By the day that it is where the building stands."""
    path = f"/p/tilleuls/dwellings/{home.dwelling.public_id}/"
    client = sign_in(world.ours.occupant)
    for stays, zone, status in (
        ([("11-22", None)], "", 200),
        ([("11-23", None)], "", 404),
        ([("01-01", "11-23")], "", 200),
        ([("01-01", "11-22")], "", 404),
        ([("11-23", None)], "Pacific/Kiritimati", 200),  # it is the 23rd there
        ([("01-01", "11-23")], "Pacific/Kiritimati", 404),
    ):
        with tenant_scope(home.programme.pk):
            Building.objects.update(time_zone=zone)
        live(home, world.ours.occupant, stays)
        assert client.get(path).status_code == status, (stays, zone)
        homes = client.get("/p/tilleuls/home/parameters/tariffs/")
        assert (homes.context.get("here") is not None) == (status == 200), (stays, zone)


def test_an_exception_to_euros_holds_for_the_page_and_its_export(
    world: World, home: Home, sign_in: Any
) -> None:
    live(home, world.ours.occupant, [("01-01", None)])
    with tenant_scope(home.programme.pk):
        stay = Occupancy.objects.get(user=world.ours.occupant)
        OccupantRight.objects.create(right="euros", key="euros", occupancy=stay, allowed=False)
    client = sign_in(world.ours.occupant)
    page = client.get("/p/tilleuls/home/?period=month&at=2026-11").content.decode()
    exported = b"".join(client.get("/p/tilleuls/home/?period=month&at=2026-11&export=csv").streaming_content)
    assert "€" not in page and "€" not in exported.decode()
