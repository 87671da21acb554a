"""Rights of occupants: one function decides, two pages keep what it reads."""

from __future__ import annotations

import html
import importlib
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.http import Http404
from django.test import Client

from accounts.models import AuditEntry, Membership
from accounts.tenancy import tenant_scope, unscoped
from readings.models import Reading
from servers.models import (
    Building,
    CommonArea,
    Device,
    Dwelling,
    MeteringPoint,
    Occupancy,
    OccupantRight,
    Register,
)
from servers.rights.decide import Rights, access_controlled_device, key_of, may_control, rights_of
from testkit.world import World, join, make_user
from tests.servers.estate_world import NOW, Estate, add_meter

PAGE = "/p/tilleuls/parameters/rights/"
pytestmark = pytest.mark.usefixtures("now")


class Hall:
    """What the decision is about: the hall of building A, a garage in building B where nobody of ours lives."""

    def __init__(self, world: World, estate: Estate) -> None:
        self.world, self.estate = world, estate
        self.roy = Occupancy.objects.get()
        self.area = estate.area
        self.lamp = Device.objects.get()
        self.light = MeteringPoint.objects.get(common_area=estate.area)
        beta = Building.objects.create(ref="B", name="Bâtiment B")
        self.garage = CommonArea.objects.create(ref="garage", name="Garage", building=beta)
        self.gate = Device.objects.create(
            server=estate.server, ref="gate", name="Portail", kind="gate", commands=["open"], common_area=self.garage
        )  # fmt: skip
        self.shutter = Device.objects.create(
            server=estate.server, ref="shutter", name="Volet", kind="shutter", commands=["up"],
            dwelling=estate.dwellings["101"],
        )  # fmt: skip
        self.neighbours = Device.objects.create(
            server=estate.server, ref="shutter2", name="Volet", kind="shutter", commands=["up"],
            dwelling=estate.dwellings["102"],
        )  # fmt: skip

    def key(self, word: str) -> dict[str, Any]:
        right, _, what = word.partition(" ")
        fields: dict[str, Any] = {"right": right}
        if what == "":
            return {**fields, "key": key_of(right)}
        thing = getattr(self, what)
        if isinstance(thing, CommonArea):
            return {**fields, "key": key_of(right, area=thing.pk), "common_area": thing}
        kind = "device" if isinstance(thing, Device) else "point"
        return {**fields, "key": key_of(right, thing=thing.pk), kind: thing}

    def rights(self, ticks: str, exceptions: str = "") -> Rights:
        OccupantRight.objects.all().delete()
        for word in filter(None, ticks.split(", ")):
            OccupantRight.objects.create(**self.key(word.lstrip("-")), allowed=not word.startswith("-"))
        for word in filter(None, exceptions.split(", ")):
            allowed = not word.startswith("-")
            OccupantRight.objects.create(**self.key(word.lstrip("-")), occupancy=self.roy, allowed=allowed)
        return self.of(self.world.ours.occupant)

    def of(self, user: Any) -> Rights:
        return rights_of(self.world.ours.actor(user))


@pytest.fixture
def hall(world: World, estate: Estate) -> Iterator[Hall]:
    with tenant_scope(world.ours.programme.pk):
        yield Hall(world, estate)


# ticks for all; exceptions of Roy; what Roy may: lamp and gate to switch, the hall's meter to see, euros
DECISIONS = [
    ("", "", ""),
    ("device", "", "lamp"),  # all: of the building one lives in
    ("device area", "", "lamp"),
    ("device garage", "", "gate"),  # by name: for everybody
    ("device gate", "", "gate"),
    ("device lamp, meter", "", "lamp light"),
    ("meter light", "", "light"),
    ("meter area", "", "light"),
    ("device", "-device", ""),
    ("device", "-device area", ""),
    ("device area", "-device lamp", ""),
    ("device", "-device area, device lamp", "lamp"),  # the nearest wins
    ("", "device", "lamp"),
    ("", "device garage", "gate"),
    ("device gate", "-device", "gate"),  # an exception of "all" does not reach another building
    ("device, meter", "-meter light", "lamp"),
    ("-euros", "", "no euros"),
    ("-euros", "euros", ""),
    ("", "-euros", "no euros"),
]


def test_who_may_what(hall: Hall) -> None:
    home = hall.estate.dwellings["101"]
    for ticks, exceptions, expected in DECISIONS:
        rights = hall.rights(ticks, exceptions)
        given = {
            "lamp": rights.controls(hall.lamp),
            "gate": rights.controls(hall.gate),
            "light": rights.sees_meter(hall.light),
            "no euros": not rights.sees_euros(home),
        }
        assert " ".join(word for word, yes in given.items() if yes) == expected, (ticks, exceptions)
        assert {device.name for device in rights.devices()} == {
            name for name, word in (("Lampe", "lamp"), ("Portail", "gate")) if given[word]
        }
        assert [point.pk for point in rights.points()] == [hall.light.pk] * given["light"]
        assert rights.controls(hall.shutter) and not rights.controls(hall.neighbours)  # one's own, always


def test_rights_are_of_today(hall: Hall) -> None:
    """Not before the move-in, not from the move-out on, in the building's own zone; and not of what is gone."""
    hall.rights("device, meter")
    roy = hall.roy
    for move_in, move_out, may in (
        (date(2026, 11, 22), None, True),  # today
        (date(2026, 11, 23), None, False),
        (date(2026, 3, 1), date(2026, 11, 23), True),
        (date(2026, 3, 1), date(2026, 11, 22), False),
    ):
        Occupancy.objects.filter(pk=roy.pk).update(move_in=move_in, move_out=move_out)
        rights = hall.of(hall.world.ours.occupant)
        found = (rights.controls(hall.lamp), rights.sees_meter(hall.light), rights.controls(hall.shutter))
        assert found == (may,) * 3, (move_in, move_out)
    # 22 November 23:30 in Paris is the 23rd in Chita
    Occupancy.objects.filter(pk=roy.pk).update(move_in=date(2026, 11, 23), move_out=None)
    Building.objects.filter(ref="A").update(time_zone="Asia/Chita")
    with time_machine.travel("2026-11-22T22:30:00Z", tick=False):
        assert hall.of(hall.world.ours.occupant).controls(hall.lamp)
    Building.objects.filter(ref="A").update(time_zone="")
    Occupancy.objects.filter(pk=roy.pk).update(move_in=date(2026, 3, 1))
    CommonArea.objects.filter(pk=hall.area.pk).update(retired_at=NOW)
    assert hall.of(hall.world.ours.occupant).devices() == []


def test_days_of_a_common_area_are_those_of_living_there(hall: Hall) -> None:
    Occupancy.objects.filter(pk=hall.roy.pk).update(move_out=date(2026, 6, 1))
    later = Dwelling.objects.create(ref="B-1", name="B1", building=hall.garage.building)
    Occupancy.objects.create(dwelling=later, user=hall.roy.user, move_in=date(2026, 6, 1))
    rights = hall.of(hall.roy.user)
    assert rights.days_of(hall.area) == [(date(2026, 3, 1), date(2026, 6, 1))]
    assert rights.days_of(hall.garage) == [(date(2026, 6, 1), None)]
    assert not rights.controls(hall.lamp)  # the old building's


def test_staff(hall: Hall, world: World) -> None:
    """Operators switch what stands in common areas of their buildings, nobody's own; administrators nothing."""
    operator = hall.of(world.ours.operator)
    assert [operator.controls(one) for one in (hall.lamp, hall.gate, hall.shutter)] == [True, True, False]
    assert operator.sees_euros(hall.estate.dwellings["101"]) and operator.sees_meter(hall.light)
    administrator = hall.of(world.ours.administrator)
    assert not administrator.controls(hall.lamp) and not administrator.sees_meter(hall.light)
    Membership.objects.filter(user=world.ours.operator).update(buildings=[hall.garage.building_id])
    bounded = hall.of(world.ours.operator)
    assert [bounded.controls(one) for one in (hall.lamp, hall.gate)] == [False, True]
    assert not bounded.sees_euros(hall.estate.dwellings["101"])


def test_the_door_to_a_device(hall: Hall, world: World) -> None:
    actor = world.ours.actor(world.ours.occupant)
    hall.rights("device lamp")
    assert access_controlled_device(actor, hall.lamp.public_id) == hall.lamp and may_control(actor, hall.lamp)
    for public_id in (hall.gate.public_id, uuid.uuid4(), "no-uuid"):
        with pytest.raises(Http404):
            access_controlled_device(actor, public_id)


# the pages


def shown(response: Any) -> str:
    assert response.status_code in (200, 422), response.status_code
    return " ".join(html.unescape(response.content.decode()).split())


def ticked(world: World) -> dict[str, bool]:
    with tenant_scope(world.ours.programme.pk):
        return dict(OccupantRight.objects.filter(occupancy=None).values_list("key", "allowed"))


def occupant_page(world: World) -> str:
    with tenant_scope(world.ours.programme.pk):
        return f"/p/tilleuls/occupants/{Occupancy.objects.get().public_id}/rights/"


def test_who_may_open_the_pages(world: World, estate: Estate, sign_in: Any) -> None:
    own = occupant_page(world)
    for path, roles in ((PAGE, ("administrator", "operator")), (own, ("operator",))):
        for method in ("get", "post"):
            assert getattr(Client(), method)(path).headers["Location"].startswith("/?next="), path
            assert getattr(sign_in(world.theirs.operator), method)(path).status_code == 404
            for role in ("administrator", "operator", "occupant"):
                if role not in roles:
                    assert getattr(sign_in(getattr(world.ours, role)), method)(path).status_code == 403
        for role in roles:
            client = sign_in(getattr(world.ours, role))
            assert client.get(path).status_code == 200
            assert client.put(path).status_code == 405
    client = sign_in(world.ours.operator)
    for public_id in (uuid.uuid4(), "no-uuid"):
        assert client.get(f"/p/tilleuls/occupants/{public_id}/rights/").status_code == 404
    assert ticked(world) == {}


def test_an_operator_of_some_buildings_leaves_everybodys_rights_alone(
    world: World, estate: Estate, sign_in: Any
) -> None:
    Membership.objects.filter(user=world.ours.operator).update(buildings=[estate.building.pk])
    client = sign_in(world.ours.operator)
    assert (client.get(PAGE).status_code, client.post(PAGE).status_code) == (403, 403)
    assert client.get(occupant_page(world)).status_code == 200


def test_the_table_by_zone_with_all_and_all(world: World, estate: Estate, sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    page = shown(client.get(PAGE))
    for text in ("See the consumption in euros", "See and control a device of the common areas", "Lampe", "Hall d'entrée",
                 "See a meter of the common areas", "OURS-LIGHT"):  # fmt: skip
        assert text in page, text
    assert "THEIRS" not in page and page.count(">All<") == 6
    assert (
        "checked"
        in page.split('id="id_euros"')[0].rsplit("<input", 1)[1] + page.split('id="id_euros"')[1][:40]
    )
    with tenant_scope(world.ours.programme.pk):
        lamp = Device.objects.get()
    sent = {"device": "on", f"device-{lamp.public_id}": "on"}  # euros no longer
    assert client.post(PAGE, sent).headers["Location"] == PAGE
    assert ticked(world) == {"euros": False, "device": True, f"device:{lamp.pk}": True}
    with tenant_scope(world.ours.programme.pk):
        entry = AuditEntry.objects.get(action="rights.changed")
        assert may_control(world.ours.actor(world.ours.occupant), lamp)
    assert (len(entry.detail["granted"]), len(entry.detail["withdrawn"])) == (2, 1)
    client.post(PAGE, sent)  # the same again changes and records nothing
    client.post(PAGE, {"euros": "on", "device-zone-" + str(uuid.uuid4()): "on"})
    assert ticked(world) == {"euros": True}
    with tenant_scope(world.ours.programme.pk):
        assert AuditEntry.objects.filter(action="rights.changed").count() == 2
    with tenant_scope(world.theirs.programme.pk):
        assert not OccupantRight.objects.exists()


def test_one_occupant_is_an_exception(world: World, estate: Estate, sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    with tenant_scope(world.ours.programme.pk):
        lamp, area = Device.objects.get(), CommonArea.objects.get()
    path = occupant_page(world)
    assert "as all: not allowed" in shown(client.get(path))
    sent = {
        "euros": "no",
        "device": "yes",
        f"device-zone-{area.public_id}": "",
        f"device-{lamp.public_id}": "no",
    }
    assert client.post(path, sent).headers["Location"] == path.removesuffix("rights/")
    with tenant_scope(world.ours.programme.pk):
        own = dict(OccupantRight.objects.exclude(occupancy=None).values_list("key", "allowed"))
        assert own == {"euros": False, "device": True, f"device:{lamp.pk}": False}
        assert not may_control(world.ours.actor(world.ours.occupant), lamp)
        assert AuditEntry.objects.filter(action="rights.exception_changed").count() == 1
    assert ticked(world) == {}
    wrong = client.post(path, {"euros": "perhaps"})
    assert "Choose from the list." in shown(wrong)
    assert client.post(path, {}).status_code == 302  # as for all again
    with tenant_scope(world.ours.programme.pk):
        assert not OccupantRight.objects.exists()


def test_the_exception_of_one_is_not_that_of_the_other(world: World, estate: Estate, sign_in: Any) -> None:
    other = make_user("nina@tilleuls.example", name="Nina")
    join(other, world.ours.programme, "occupant")
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.create(dwelling=estate.dwellings["101"], user=other, move_in=date(2026, 1, 1))
        roy = Occupancy.objects.get(user=world.ours.occupant)
        OccupantRight.objects.create(right="euros", key="euros", occupancy=roy, allowed=False)
        assert not rights_of(world.ours.actor(world.ours.occupant)).sees_euros(estate.dwellings["101"])
        assert rights_of(world.ours.actor(other)).sees_euros(estate.dwellings["101"])
        # nor does an earlier stay without an exception give back what was taken now
        Occupancy.objects.create(
            dwelling=estate.dwellings["101"], user=world.ours.occupant, move_in=date(2020, 1, 1),
            move_out=date(2021, 1, 1),
        )  # fmt: skip
        assert not rights_of(world.ours.actor(world.ours.occupant)).sees_euros(estate.dwellings["101"])


def test_without_common_areas_the_page_says_so(world: World, sign_in: Any) -> None:
    user = world.ours.operator
    user.language = "en"
    user.save()
    page = shown(sign_in(user).get(PAGE))
    assert "No device of a common area has been published." in page


def test_a_meter_of_another_place_is_no_line(world: World, estate: Estate, sign_in: Any) -> None:
    with tenant_scope(world.ours.programme.pk):
        add_meter("GONE", common_area=estate.area)
        MeteringPoint.objects.filter(name="GONE").update(retired_at=NOW)
    page = shown(sign_in(world.ours.operator).get(PAGE))
    assert "GONE" not in page and "OURS-HEAT" not in page


def test_the_setting_of_before_becomes_the_right(world: World) -> None:
    migration = importlib.import_module("servers.migrations.0007_euros_become_a_right")
    for housing, allowed in ((world.ours, False), (world.theirs, True)):
        housing.programme.settings = {"occupants_see_euros": allowed, "other": 1}
        housing.programme.save()
    with unscoped(reason="a migration sees all programmes"):
        migration.move(apps, None)
        found = dict(OccupantRight.objects.values_list("programme__slug", "allowed"))
        assert found == {"tilleuls": False, "acacias": True}
        world.ours.programme.refresh_from_db()
        assert world.ours.programme.settings == {"other": 1}
        migration.back(apps, None)
        world.ours.programme.refresh_from_db()
        assert world.ours.programme.settings == {"other": 1, "occupants_see_euros": False}
        assert not OccupantRight.objects.exists()


def test_the_occupants_page_of_common_areas(world: World, estate: Estate, sign_in: Any) -> None:
    """What was opened, by zone, with values of the own days only; nothing of it without the right."""
    path = "/p/tilleuls/home/common/"
    client = sign_in(world.ours.occupant)
    assert "has not opened any meter or device" in shown(client.get(path))
    with tenant_scope(world.ours.programme.pk):
        lamp, light = Device.objects.get(), MeteringPoint.objects.get(common_area=estate.area)
        register = Register.objects.get(installation__point=light)
        OccupantRight.objects.create(right="meter", key="meter")
        at = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())
        Reading.objects.create(register=register, at=at, value=555_500, used=True)
    page = shown(client.get(path))
    for text in ("Hall d'entrée", "OURS-LIGHT", "555.5"):
        assert text in page, text
    assert "Lampe" not in page and "OURS-HEAT" not in page and "THEIRS" not in page
    with tenant_scope(world.ours.programme.pk):
        OccupantRight.objects.create(right="device", key=f"device:{lamp.pk}", device=lamp)
        Occupancy.objects.update(move_in=date(2026, 11, 22))
    page = shown(client.get(path))
    assert "Lampe" in page and "OURS-LIGHT" in page and "555.5" not in page  # read the day before the move-in
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.update(move_out=date(2026, 11, 22), move_in=date(2026, 3, 1))
    assert "OURS-LIGHT" not in shown(client.get(path))
    assert sign_in(world.ours.operator).get(path).status_code == 403
    assert sign_in(world.theirs.occupant).get(path).status_code == 404
    assert Client().get(path).headers["Location"].startswith("/?next=")
    assert client.post(path).status_code == 405
