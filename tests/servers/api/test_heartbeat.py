"""Heartbeat and commands: presence, the portal's time, orders told until there is a result."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.errors import DomainError
from accounts.tenancy import tenant_scope
from servers.api.limits import CALLS
from servers.models import CommandOrder, Device, Server
from servers.services.commands import command_order
from testkit.gateway import OTHER_SERIAL, Box, document, make_box
from testkit.world import World

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def box(world: World) -> Box:
    with time_machine.travel(T0 - timedelta(days=1), tick=False):
        box = make_box(world.ours.programme)
        box.publish(document())
    return box


def order(world: World, command: str = "on") -> CommandOrder:
    with tenant_scope(world.ours.programme.pk):
        actor = world.ours.actor(world.ours.operator)
        return command_order(
            actor=actor, device=Device.objects.select_related("server").get(), command=command
        )


def beat(box: Box, **body: Any) -> dict[str, Any]:
    answer = box.post("/heartbeat", body)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_heartbeat_tells_presence_and_spool_and_brings_the_time(world: World, box: Box) -> None:
    with time_machine.travel(T0, tick=False):
        answer = beat(
            box,
            agent="releve-gateway/0.1",
            spool={"pending": 12, "oldest": "2026-03-01T07:30:00+01:00"},
            clock="2026-03-01T08:00:03Z",
            missing=[{"meter": "heat-101", "from": "2026-02-01T00:00:00Z", "to": "2026-02-02T00:00:00Z"}],
        )
    assert answer == {"time": "2026-03-01T08:00:00Z", "commands": [], "next": 60}
    with tenant_scope(world.ours.programme.pk):
        server = Server.objects.get()
        assert (server.last_sync_at, server.spool_pending) == (T0, 12)
        assert server.spool_oldest == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("oldest", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1790000000"])
def test_a_moment_no_calendar_holds_is_refused(box: Box, oldest: str) -> None:
    answer = box.post("/heartbeat", {"spool": {"pending": 1, "oldest": oldest}})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"spool": {"pending": -1}}, "spool.pending is too small."),
        ({"spool": {"pending": 2**31}}, "spool.pending is too large."),
        ({"spool": []}, "spool must be an object."),
        ({"spool": {"oldest": "yesterday"}}, "spool.oldest must be a moment with its offset."),
        # moments that another offset would push out of the calendar
        ({"clock": "0001-01-01T00:00:00+14:00"}, "clock must be a moment with its offset."),
        ({"clock": "9999-12-31T23:59:59-14:00"}, "clock must be a moment with its offset."),
        ({"clock": "1790000000"}, "clock must be a moment with its offset."),
        ({"clock": "2026-03-01T08:00:00"}, "clock must be a moment with its offset."),
        ({"clock": 5}, "clock must be text."),
        ({"missing": [{"meter": "m", "from": "x"}]}, "missing[0].from must be a moment with its offset."),
    ],
)
def test_a_malformed_heartbeat_changes_nothing(world: World, box: Box, body: Any, sentence: str) -> None:
    with tenant_scope(world.ours.programme.pk):
        before = Server.objects.values().get()
    assert before["last_sync_at"] is not None  # it has published
    answer = box.post("/heartbeat", body)
    assert (answer.status_code, answer.json()) == (400, {"code": "malformed", "message": sentence})
    with tenant_scope(world.ours.programme.pk):
        assert Server.objects.values().get() == before


def test_a_command_is_told_until_its_result(world: World, box: Box) -> None:
    placed = order(world)
    for _ in range(3):
        (told,) = beat(box)["commands"]
        assert (told["id"], told["device"], told["command"]) == (str(placed.public_id), "light", "on")
    with tenant_scope(world.ours.programme.pk):
        assert CommandOrder.objects.get().state == "sent"
    for _ in range(2):  # the answer was lost: the result comes again
        done = box.post(f"/commands/{placed.public_id}/result", {"state": "done", "message": "Éclairage: on"})
        assert (done.status_code, done.json()) == (200, {"state": "done"})
    assert beat(box)["commands"] == []
    other = box.post(f"/commands/{placed.public_id}/result", {"state": "failed"})
    assert (other.status_code, other.json()["code"]) == (409, "result_differs")
    with tenant_scope(world.ours.programme.pk):
        stored = CommandOrder.objects.get()
        assert (stored.state, stored.message) == ("done", "Éclairage: on")


def test_a_command_expires_untold(world: World, box: Box) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        placed = order(world)
        clock.shift(timedelta(minutes=10))
        assert beat(box)["commands"] == []
    with tenant_scope(world.ours.programme.pk):
        assert CommandOrder.objects.get().state == "expired"
    # it was done after all, before the expiry: what happened wins
    assert box.post(f"/commands/{placed.public_id}/result", {"state": "done"}).status_code == 200


def test_another_servers_command_is_not_there(world: World, box: Box) -> None:
    placed = order(world)
    neighbour = make_box(world.ours.programme, OTHER_SERIAL)
    stranger = make_box(world.theirs.programme, "B" * 24)
    for other in (neighbour, stranger):
        assert beat(other)["commands"] == []
        answer = other.post(f"/commands/{placed.public_id}/result", {"state": "done"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert box.post(f"/commands/{uuid.uuid4()}/result", {"state": "done"}).status_code == 404
    assert box.post("/commands/x/result", {"state": "done"}).status_code == 404
    assert box.post(f"/commands/{placed.public_id}/result", {"state": "sent"}).status_code == 400
    assert len(beat(box)["commands"]) == 1


def test_what_a_device_does_not_know_is_not_ordered(world: World, box: Box) -> None:
    with pytest.raises(DomainError, match="command"):
        order(world, "explode")
    box.publish(document(2, devices=[]))
    with pytest.raises(DomainError, match="device"):
        order(world)
    assert beat(box)["commands"] == []


def test_a_flood_of_calls_is_held_back_for_that_server_alone(
    world: World, box: Box, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it calls; the other server, the next second and its own readings go on, and nothing is done for it."""
    settings.API_CALLS_BURST, settings.API_CALLS_PER_SECOND = 3, 0.5
    now = time.monotonic()
    monkeypatch.setattr("servers.api.limits.time.monotonic", lambda: now)
    CALLS.forget()
    other = make_box(world.theirs.programme, OTHER_SERIAL)
    told = order(world)
    assert [box.post("/heartbeat", {}).status_code for _ in range(2)] == [200, 200]
    assert box.post("/scan", {"found": []}).status_code == 200
    for refused in (
        box.post("/heartbeat", {}),
        box.put("/publication", document(2)),
        box.delete("/activation"),
        box.post(f"/commands/{told.public_id}/result", {"state": "done"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_calls")
        assert 0 < int(refused["Retry-After"]) <= 60
    with tenant_scope(world.ours.programme.pk):
        assert Server.objects.get().suspended_at is None
        assert CommandOrder.objects.get().state == "sent"
    assert other.post("/heartbeat", {}).status_code == 200
    assert box.post("/readings", {"batch": str(uuid.uuid4()), "items": []}).status_code != 429
    now += 2
    assert [box.post("/heartbeat", {}).status_code for _ in range(2)] == [200, 429]
    CALLS.forget()
