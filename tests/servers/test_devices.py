"""Switching devices: who may, what becomes of an order, and that it happens once."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from accounts.models import AuditEntry
from accounts.tenancy import tenant_scope
from gateway_sim.agent.commands import Command, CommandDesk, Journal
from gateway_sim.site import Device as SiteDevice
from gateway_sim.site import Site
from servers.models import CommandOrder, Device, Dwelling, Occupancy, OccupantRight
from servers.services.commands import device_settings_save
from testkit.gateway import Box, document, make_box
from testkit.world import World

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def box(world: World) -> Box:
    with time_machine.travel(T0 - timedelta(days=1), tick=False):
        box = make_box(world.ours.programme)
        box.publish(document())
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.create(
            dwelling=Dwelling.objects.get(ref="A-101"),
            user=world.ours.occupant,
            move_in=T0.date() - timedelta(30),
        )
    return box


@pytest.fixture
def page(world: World, box: Box) -> str:
    with tenant_scope(world.ours.programme.pk):
        return f"/p/tilleuls/devices/{Device.objects.get().public_id}/"


def orders(world: World) -> list[CommandOrder]:
    with tenant_scope(world.ours.programme.pk):
        return list(CommandOrder.objects.order_by("pk"))


def give(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        light = Device.objects.get()
        OccupantRight.objects.create(right="device", device=light, key=f"device:{light.pk}")


def test_an_order_goes_its_way_and_the_state_comes_back(
    world: World, box: Box, page: str, sign_in: Any
) -> None:
    client = sign_in(world.ours.operator)
    with time_machine.travel(T0, tick=False) as clock:
        assert "not known yet" in client.get(page).content.decode()
        key = str(uuid.uuid4())
        for _ in range(2):  # a double click
            assert client.post(f"{page}order/", {"command": "on", "key": key}).status_code == 302
        (order,) = orders(world)
        part = client.get(page, headers={"HX-Request": "true"}).content.decode()
        assert "waiting for the server" in part and "hx-get" in part and "<html" not in part
        (told,) = box.post("/heartbeat", {}).json()["commands"]
        assert "sent" in client.get(page).content.decode()
        clock.shift(30)
        box.post(f"/commands/{told['id']}/result", {"state": "done", "device_state": "on"})
        done = client.get(page).content.decode()
        assert "Today at 09:00" in done and ">on</span>" in done and "hx-get" not in done
        client.post(f"{page}order/", {"command": "off", "key": str(uuid.uuid4())})
        clock.shift(600)  # nobody comes for it
        assert "expired" in client.get(page).content.decode()
        box.post(
            "/heartbeat",
            {"devices": [{"device": "light", "state": "off"}, {"device": "none", "state": "on"}]},
        )
    assert [one.state for one in orders(world)] == ["done", "expired"]
    with tenant_scope(world.ours.programme.pk):
        assert (Device.objects.get().state, order.ordered_by) == ("off", world.ours.operator)
        assert AuditEntry.objects.filter(action="device.ordered").count() == 2


@pytest.mark.parametrize(
    "data",
    [{}, {"command": "explode", "key": str(uuid.uuid4())}, {"command": "on", "key": "x"}, {"command": "on"}],
)
def test_what_is_no_order_is_refused(world: World, page: str, sign_in: Any, data: Any) -> None:
    assert sign_in(world.ours.operator).post(f"{page}order/", data).status_code == 422
    assert orders(world) == []


def test_an_occupant_switches_what_they_were_given(world: World, box: Box, page: str, sign_in: Any) -> None:
    client, order = sign_in(world.ours.occupant), {"command": "on", "key": str(uuid.uuid4())}
    with time_machine.travel(T0, tick=False):
        assert "Éclairage" not in client.get("/p/tilleuls/devices/").content.decode()
        assert [client.get(page).status_code, client.post(f"{page}order/", order).status_code] == [404, 404]
        give(world)
        assert "Éclairage" in client.get("/p/tilleuls/devices/").content.decode()
        assert client.post(f"{page}order/", order).status_code == 302
        staff = sign_in(world.ours.administrator)
        assert "Occupant tilleuls" in staff.get(page).content.decode()
        assert (
            staff.post(f"{page}order/", order).status_code == 403
        )  # the installer sees, and does not switch
    with time_machine.travel(T0 - timedelta(days=31), tick=False):  # before they moved in
        assert client.post(f"{page}order/", order).status_code == 404
    assert len(orders(world)) == 1


def test_the_programme_may_ask_who_it_is(world: World, page: str, sign_in: Any) -> None:
    client, order = sign_in(world.ours.operator), {"command": "on", "key": str(uuid.uuid4())}
    with tenant_scope(world.ours.programme.pk):
        admin = world.ours.actor(world.ours.administrator)
        device_settings_save(actor=admin, reauth_minutes=15, audit=False)
    asked = client.post(f"{page}order/", order)
    assert "command" in asked.content.decode() and orders(world) == []  # the order waits in the page's form
    session = client.session
    session["confirmed_at"] = datetime.now(UTC).timestamp()
    session.save()
    assert client.post(f"{page}order/", order).status_code == 302
    with tenant_scope(world.ours.programme.pk):
        assert not AuditEntry.objects.filter(action="device.ordered").exists()
    settings = sign_in(world.ours.administrator)
    assert settings.post("/p/tilleuls/devices/settings/", {"reauth_minutes": "99"}).status_code == 422
    assert (
        settings.post("/p/tilleuls/devices/settings/", {"reauth_minutes": "", "audit": "on"}).status_code
        == 302
    )


LAMP = SiteDevice("light", "A-hall", "Éclairage", "light", ("on", "off"))
SITE = Site({}, (), (), (LAMP,))


class Counting:
    """A lamp that counts how often it was switched."""

    def __init__(self) -> None:
        self.count, self._lock = 0, threading.Lock()

    def switch(self, device: SiteDevice, command: str) -> str:
        with self._lock:
            self.count += 1
        return "on"

    def standing(self) -> dict[str, str]:
        return {"light": "on"}


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_claims_are_one_execution(transactional_db: Any, tmp_path: Path) -> None:
    """50 heartbeats at once get the order from the portal, 50 hands reach for it in the agent's journal."""
    from django.db import connection

    from testkit.world import make_world

    cache.clear()
    world = make_world()
    box = make_box(world.ours.programme)
    box.publish(document())
    from servers.services.commands import command_order

    with tenant_scope(world.ours.programme.pk):
        device = Device.objects.select_related("server").get()
        placed = command_order(actor=world.ours.actor(world.ours.operator), device=device, command="on")
    lamp, told, faults = Counting(), [], []
    journals = [Journal(tmp_path / "journal.sqlite3") for _ in range(50)]
    ready = threading.Barrier(50)

    def claim(journal: Journal) -> None:
        try:
            ready.wait(30)
            for one in box.post("/heartbeat", {}).json().get("commands", []):
                told.append(one["id"])
                expires = datetime.fromisoformat(one["expires_at"])
                desk = CommandDesk(SITE, journal, lamp)
                desk.take([Command(one["id"], one["device"], one["command"], expires)], datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(journal,)) for journal in journals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (faults, set(told), lamp.count) == ([], {str(placed.public_id)}, 1)
    assert len(told) >= 10  # the control: it was truly reached for by many
    answers = [
        box.post(f"/commands/{placed.public_id}/result", {"state": "done"}).status_code for _ in range(3)
    ]
    assert (answers, [one.state for one in orders(world)]) == ([200, 200, 200], ["done"])
