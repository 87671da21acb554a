"""The last value beside each register: of whom, of which days, and how many queries it takes."""

from __future__ import annotations

import html
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tenancy import tenant_scope
from readings.last_values import last_values_of
from readings.models import Reading
from servers.models import Occupancy, Register
from testkit.world import World
from tests.servers.estate_world import NOW, Estate, stand

AT = int(NOW.timestamp()) - 3600


@pytest.fixture
def estate(world: World) -> Estate:
    for housing, serial, value in ((world.theirs, "THEIRS", 999_000), (world.ours, "OURS", 1_204_560)):
        estate = stand(housing, serial)
        with tenant_scope(housing.programme.pk):
            register = heat()
            for at, steps, used in (
                (AT - 60, value - 1, True),
                (AT, value, True),
                (AT + 60, value * 9, False),
            ):
                Reading.objects.create(register=register, at=at, value=steps, used=used)
    return estate


def heat() -> Register:
    register: Register = Register.objects.get(installation__point__usage="heating")
    return register


def page_of(world: World, sign_in: Any, estate: Estate, user: Any) -> str:
    user.language = "en"
    user.save()
    with time_machine.travel(NOW, tick=False):
        answer = sign_in(user).get(f"/p/tilleuls/dwellings/{estate.dwellings['101'].public_id}/")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode()).replace("\xa0", " ")


@pytest.mark.parametrize("role", ["administrator", "operator", "occupant"])
def test_a_dwelling_shows_the_last_value_that_counts(
    role: str, world: World, sign_in: Any, estate: Estate
) -> None:
    page = page_of(world, sign_in, estate, getattr(world.ours, role))
    assert "1,204.6 kWh" in page and "Today at 09:15" in page
    assert "10,841" not in page and "999" not in page


def test_an_occupant_sees_no_value_from_before_the_move_in(
    world: World, sign_in: Any, estate: Estate
) -> None:
    with tenant_scope(world.ours.programme.pk):
        Reading.objects.all().delete()
        eve = int(datetime.fromisoformat("2026-11-21T23:59:59+01:00").timestamp())
        Reading.objects.create(register=heat(), at=eve, value=7_000_000)
        Occupancy.objects.update(move_in=date(2026, 11, 22))
    assert "7,000.0 kWh" not in page_of(world, sign_in, estate, world.ours.occupant)
    assert "7,000.0 kWh" in page_of(world, sign_in, estate, world.ours.operator)


def test_any_number_of_registers_takes_one_query(world: World, estate: Estate) -> None:
    with tenant_scope(world.ours.programme.pk):
        ids = list(Register.objects.values_list("pk", flat=True))
        actor = world.ours.actor(world.ours.operator)
        with CaptureQueriesContext(connection) as queries:
            found = last_values_of(actor, ids)
        assert (len(ids), len(found), len(queries)) == (2, 1, 1)
