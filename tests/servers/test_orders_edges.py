"""Where an order could run twice, run too late, or never be told of: other boxes, edges of time, devices that went."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.errors import DomainError
from accounts.models import Membership, Role
from accounts.tenancy import tenant_scope
from servers.models import Building, CommandOrder, Device
from servers.services.boxes import server_remove, server_replace
from servers.services.commands import MOST_WAITING, TTL, command_order
from servers.services.credentials import password_issue, server_activate
from testkit.gateway import OTHER_SERIAL, Box, document, make_box
from testkit.world import World

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def box(world: World) -> Box:
    with time_machine.travel(T0 - timedelta(days=1), tick=False):
        box = make_box(world.ours.programme)
        box.publish(document())
    return box


def order(world: World, command: str = "on", key: uuid.UUID | None = None) -> CommandOrder:
    with tenant_scope(world.ours.programme.pk):
        device = Device.objects.select_related("server").get()
        actor = world.ours.actor(world.ours.operator)
        return command_order(actor=actor, device=device, command=command, key=key)


def told(box: Box) -> list[str]:
    answer = box.post("/heartbeat", {})
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["commands"]]


def states(world: World) -> list[str]:
    with tenant_scope(world.ours.programme.pk):
        return list(CommandOrder.objects.order_by("pk").values_list("state", flat=True))


def anew(box: Box, serial: str) -> Box:
    with tenant_scope(box.programme.pk):
        password = password_issue(server_id=box.server.pk)
    assert password is not None
    return Box(box.programme, box.server, server_activate(serial=serial, password=password).token)


def test_another_box_never_carries_out_what_the_former_one_was_told(world: World, box: Box) -> None:
    """It has another journal, and knows nothing of what was done."""
    with time_machine.travel(T0, tick=False):
        first = order(world)
        assert told(box) == [str(first.public_id)] == told(box)  # again, should the answer have been lost
        with tenant_scope(world.ours.programme.pk):
            server_replace(
                actor=world.ours.actor(world.ours.administrator), server=box.server, serial=OTHER_SERIAL
            )
        new = anew(box, OTHER_SERIAL)
        assert (told(new), states(world)) == ([], ["expired"])
        second = order(world)
        assert told(new) == [str(second.public_id)]
        third = order(world, "off")
        wiped = anew(box, OTHER_SERIAL)  # the same box, set up anew: what it was not told yet still counts
        assert told(wiped) == [str(third.public_id)]
        assert states(world) == ["expired", "expired", "sent"]
        with tenant_scope(world.ours.programme.pk):
            server_remove(actor=world.ours.actor(world.ours.administrator), server=box.server)
        assert states(world) == ["expired"] * 3


def test_an_order_ends_with_its_last_moment_and_a_late_answer_is_still_told(world: World, box: Box) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        placed = order(world)
        clock.shift(TTL - timedelta(microseconds=1))
        assert told(box) == [str(placed.public_id)]
        clock.shift(timedelta(microseconds=1))
        assert (told(box), states(world)) == ([], ["expired"])
        for body, expected in (
            ({"state": "done"}, 200),
            ({"state": "done"}, 200),
            ({"state": "failed"}, 409),
        ):
            assert box.post(f"/commands/{placed.public_id}/result", body).status_code == expected
    assert states(world) == ["done"]


def test_a_device_that_vanished_is_not_told_and_takes_no_orders(world: World, box: Box) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        placed = order(world)
        box.publish(document(2, devices=[]))
        assert told(box) == []
        with pytest.raises(DomainError) as refused:
            order(world)
        assert refused.value.code == "device_gone"
        clock.shift(TTL)
        told(box)
        assert states(world) == ["expired"]
        box.publish(document(3))  # it is back, and its old order stays where it is
        assert (told(box), states(world)) == ([], ["expired"])
        # the box had switched it before it vanished, and says so now
        result = {"state": "done", "device_state": "on"}
        assert box.post(f"/commands/{placed.public_id}/result", result).status_code == 200
    assert states(world) == ["done"]


def test_who_clicks_on_and_on_is_told_to_wait(world: World, box: Box) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        keys = [uuid.uuid4() for _ in range(MOST_WAITING)]
        for key in keys:
            order(world, key=key)
        assert order(world, key=keys[3]).key is not None  # a double click is the order that there is
        with pytest.raises(DomainError) as refused:
            order(world, key=uuid.uuid4())
        assert refused.value.code == "device_busy"
        assert len(told(box)) == len(states(world)) == MOST_WAITING
        clock.shift(TTL)
        order(world, key=uuid.uuid4())


def test_who_looks_after_other_buildings_neither_sees_nor_switches_it(
    world: World, box: Box, sign_in: Any
) -> None:
    with tenant_scope(world.ours.programme.pk):
        device = Device.objects.get()
        here = Building.objects.get()
        elsewhere = Building.objects.create(ref="Z", name="Z")
    page = f"/p/tilleuls/devices/{device.public_id}/"
    client = sign_in(world.ours.operator)
    body = {"command": "on", "key": str(uuid.uuid4())}
    member = Membership.objects.filter(user=world.ours.operator, role=Role.OPERATOR)
    member.update(buildings=[elsewhere.pk])
    assert (client.get(page).status_code, client.post(f"{page}order/", body).status_code) == (404, 404)
    assert sign_in(world.theirs.operator).post(f"{page}order/", body).status_code == 404
    assert sign_in(world.ours.occupant).post(f"{page}order/", body).status_code == 404  # no right
    assert states(world) == []
    member.update(buildings=[here.pk])
    assert client.post(f"{page}order/", body).status_code == 302
    assert states(world) == ["queued"]
