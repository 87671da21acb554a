"""The search of staff: what it finds, what it never names, how much it asks of the database."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Contract, Membership, Role, User
from accounts.tenancy import tenant_scope
from portal.search.wanted import wanted_of
from servers.models import (
    Building,
    Dwelling,
    Medium,
    Meter,
    MeteringPoint,
    MeterInstallation,
    Occupancy,
    Usage,
)
from testkit.queries import page_queries
from testkit.world import World, join, make_user, make_world
from tests.servers.estate_world import BEGAN, add_meter, stand

pytestmark = pytest.mark.django_db


@dataclass
class Town:
    world: World
    scoped: User  # an operator of building B alone


@pytest.fixture(scope="module")
def town(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Town]:
    """Two programmes that are alike but for their serials, a building of its own operator, and a utility."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        stand(world.ours, "W")
        stand(world.theirs, "X")
        scoped = make_user("scoped@tilleuls.example")
        with tenant_scope(world.ours.programme.pk):
            building = Building.objects.create(ref="B", name="Villa Beta")
            dwelling = Dwelling.objects.create(ref="B-1", name="Studio Été", building=building)
            for number in range(10):
                add_meter(f"BETA-{number}", dwelling=dwelling)
            Occupancy.objects.create(
                dwelling=dwelling,
                user=make_user("zoe@beta.example"),
                name="Zoé Beta",
                move_in=date(2026, 1, 1),
            )
        membership = join(scoped, world.ours.programme, Role.OPERATOR)
        Membership.objects.filter(pk=membership.pk).update(buildings=[building.pk])
        with tenant_scope(world.utility.programme.pk):
            contract = Contract.objects.create(
                kind="contract", number="02000101", city="Чита", holder="ООО «Ёлка»", phone="9145550101"
            )
            point = MeteringPoint.objects.create(
                number="101", name="Отопление", medium=Medium.HEAT, usage=Usage.HEATING, contract=contract
            )
            meter = Meter.objects.create(manufacturer="КАРАТ", serial="00000001", medium=Medium.HEAT)
            MeterInstallation.objects.create(meter=meter, point=point, installed_at=BEGAN)
        yield Town(world, scoped)
        transaction.set_rollback(True)


def asked(person: User, slug: str, q: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(f"/p/{slug}/search/", {"q": q})
    assert answer.status_code == 200
    return html.unescape(answer.content.decode()).partition("<main")[2]


FOUND = [
    ("appartement 101", "Appartement 101"), ("ete stud", "Studio Été"), ("roy w", "Roy W"), ("ZOE", "Zoé Beta"),
    ("occupant@tilleuls", "Roy W"), ("w-heat", "W-HEAT / energy"), ("wwww-WWWW", "WWWW-WWWW"), ("lila", "Serveur Lila"),
    ("hall", "Hall d'entrée"), ("lampe", "Lampe"), ("beta-7", "BETA-7"), ("bâtiment", "Bâtiment A"),
]  # fmt: skip


def test_an_operator_finds_each_kind_of_thing(town: Town) -> None:
    for q, name in FOUND:
        assert name in asked(town.world.ours.operator, "tilleuls", q), q
    page = asked(town.world.ours.operator, "tilleuls", "beta-")
    assert page.count("meters/") == 9, "eight meters, and where the others are"
    assert "/p/tilleuls/meters/?q=beta-&due=all" in page
    assert "Nothing found for “%_'\"<b>”" in asked(town.world.ours.operator, "tilleuls", "%_'\"<b>\x00")


def test_the_desk_finds_contracts_and_points_in_russian(town: Town) -> None:
    for q, name in [
        ("0101", "02000101"), ("8 (914) 555-01-01", "02000101"), ("ёлка", "ООО «Ёлка»"), ("ЕЛКА", "ООО «Ёлка»"),
        ("отоп", "101 Отопление"), ("карат", "00000001"), ("101", "101 Отопление"),
    ]:  # fmt: skip
        assert name in asked(town.world.utility.operator, "teplo", q), q


def test_nobody_finds_what_they_may_not_open(town: Town) -> None:
    ours = town.world.ours
    for q, _name in FOUND:
        for person, foreign in (
            (ours.operator, ("X-HEAT", "Roy X", "XXXX", "acacias")),
            (ours.administrator, ("X-HEAT", "Roy", "Zoé Beta", "XXXX")),
            (town.scoped, ("W-HEAT", "W-LIGHT", "Roy", "WWWW", "Appartement", "Hall", "Lampe", "Bâtiment")),
        ):
            hits = "".join(re.findall(r"<li.*?</li>", asked(person, "tilleuls", q)))
            assert not [name for name in foreign if name in hits], (person, q)
    assert "Studio Été" in asked(town.scoped, "tilleuls", "studio")


def test_a_search_asks_once_a_kind(town: Town, sign_in: Any) -> None:
    for person, slug, kinds in (
        (town.world.ours.operator, "tilleuls", 8),
        (town.world.utility.operator, "teplo", 5),
    ):
        client = sign_in(person)
        empty = len(page_queries(client, f"/p/{slug}/search/"))
        assert len(page_queries(client, f"/p/{slug}/search/?q=a")) <= empty + kinds


def test_who_may_search(town: Town, client: Any, sign_in: Any) -> None:
    url = "/p/tilleuls/search/"
    assert client.get(url).url.startswith("/?next=")
    ours, theirs = town.world.ours, town.world.theirs
    expected = ((ours.operator, 200), (ours.administrator, 200), (ours.occupant, 403), (theirs.operator, 404))
    for person, status in expected:
        browser = sign_in(person)
        assert browser.get(url).status_code == status
    assert sign_in(ours.operator).post(url).status_code == 405
    assert "data-search" not in sign_in(ours.occupant).get("/p/tilleuls/home/").content.decode()
    assert 'action="/p/tilleuls/search/"' in sign_in(ours.operator).get("/p/tilleuls/").content.decode()


@pytest.mark.parametrize("typed", ["", "   ", "\u0301", "\x00\x07"])
def test_nothing_typed_finds_nothing(typed: str) -> None:
    assert wanted_of(typed) is None
