"""A server that is silent, a box that was copied, a token that rotates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Membership, OutboxMessage, Role
from accounts.tenancy import tenant_scope
from servers.models import Building, Server, ServerCredential
from servers.services.people import operators_of, staff_of
from servers.services.watch import all_servers_watch, servers_watch
from testkit.gateway import OTHER_SERIAL, Box, call, document, make_box
from testkit.world import World, join, make_user

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def boxes(world: World) -> tuple[Box, Box]:
    cache.clear()
    with time_machine.travel(T0, tick=False):
        both = make_box(world.ours.programme), make_box(world.theirs.programme, OTHER_SERIAL)
        for box in both:
            box.post("/heartbeat", {})
    return both


def kinds() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", "recipient"))


def watch() -> None:
    """What the task `servers.watch` does (it also closes this process's connections)."""
    all_servers_watch(now=timezone.now())


def minutes(clock: Any, number: int) -> None:
    """Beat once a minute."""
    for _ in range(number):
        clock.shift(60)
        watch()


def test_silence_is_told_once_and_the_return_once(
    world: World, boxes: tuple[Box, Box], run_jobs: Any
) -> None:
    ours, theirs = boxes
    silent = [("server_silent", world.ours.operator.email)]
    world.ours.operator.language = "ru"
    world.ours.operator.save()
    with time_machine.travel(T0, tick=False) as clock:
        watch()
        minutes(clock, 20)
        theirs.post("/heartbeat", {})
        minutes(clock, 10)
        assert kinds() == []  # just within the limit
        minutes(clock, 2)
        assert kinds() == silent
        for _ in range(3):  # the same minute again, and by two at once
            all_servers_watch(now=timezone.now())
        theirs.post("/heartbeat", {})
        minutes(clock, 20)
        assert kinds() == silent
        ours.post("/heartbeat", {})
        minutes(clock, 3)
        assert kinds() == [*silent, ("server_back", world.ours.operator.email)]
        run_jobs()
    assert [message.to for message in mail.outbox] == [[world.ours.operator.email]] * 2
    assert "Serveur Lila" in mail.outbox[0].subject
    assert f"/p/tilleuls/servers/{ours.server.public_id}/" in mail.outbox[0].body


def test_a_server_that_comes_and_goes_is_told_of_less_and_less(world: World, boxes: tuple[Box, Box]) -> None:
    """Silent for 31 minutes and back, twenty hours long: two mails, not seventy. Then it stays away, and that is told."""
    now, programme = T0, world.ours.programme

    def wait(minutes: int, *, heard: bool = False) -> list[str]:
        nonlocal now
        now += timedelta(minutes=minutes)
        with tenant_scope(programme.pk):
            if heard:
                Server.objects.update(last_sync_at=now)
            servers_watch(now=now)
        return [kind for kind, _to in kinds()]

    for _ in range(20 * 60 // 32):
        wait(31)
        told = wait(1, heard=True)
    assert told == ["server_silent", "server_back"]
    assert wait(59) == told
    assert wait(2) == [*told, "server_silent"]
    assert OutboxMessage.objects.latest("pk").context["times"] == 2
    told = [*told, "server_silent", "server_back"]
    assert wait(1, heard=True) == told
    assert wait(110) == told
    wait(1, heard=True)
    wait(24 * 60 - 120, heard=True)  # a calm day
    assert wait(31) == [*told, "server_silent"]
    assert OutboxMessage.objects.latest("pk").context["times"] == 1


def test_a_portal_that_was_away_alarms_nobody(world: World, boxes: tuple[Box, Box]) -> None:
    ours, _theirs = boxes
    with time_machine.travel(T0 + timedelta(hours=8), tick=False) as clock:
        watch()  # the first word after a night without beat
        minutes(clock, 4)
        ours.post("/heartbeat", {})
        minutes(clock, 2)
    assert kinds() == [("server_silent", world.theirs.operator.email)]


@pytest.mark.parametrize(("chosen", "told"), [("0", 0), ("180", 0), ("15", 1), ("", 1)])
def test_how_long_is_chosen_on_the_page(
    world: World, boxes: tuple[Box, Box], sign_in: Any, chosen: str, told: int
) -> None:
    client = sign_in(world.ours.administrator)
    url = f"/p/tilleuls/servers/{boxes[0].server.public_id}/edit/"
    data = {"description": "Lila", "silent_after_minutes": chosen}
    assert client.post(url, data).status_code == 302
    assert client.post(url, {**data, "silent_after_minutes": "7"}).status_code == 422  # not offered
    with time_machine.travel(T0 + timedelta(minutes=40), tick=False) as clock:
        boxes[1].post("/heartbeat", {})
        watch()
        minutes(clock, 6)
    assert len(kinds()) == told


def test_a_suspended_or_removed_server_is_not_missed(world: World, boxes: tuple[Box, Box]) -> None:
    with time_machine.travel(T0, tick=False):
        boxes[0].delete("/activation")
    with tenant_scope(world.theirs.programme.pk):
        Server.objects.update(removed_at=T0)
    with time_machine.travel(T0 + timedelta(days=2), tick=False) as clock:
        watch()
        minutes(clock, 6)
    assert kinds() == []


def test_two_agents_with_one_identity_raise_one_alarm(
    world: World, boxes: tuple[Box, Box], sign_in: Any
) -> None:
    ours = boxes[0]

    def speak(*instances: str) -> list[tuple[str, str]]:
        for instance in instances:
            assert ours.post("/heartbeat", {"instance": instance}).status_code == 200
        return kinds()

    assert speak("a", "a", "b", "b", "c") == []  # restarts
    told = [("server_twin", world.ours.administrator.email), ("server_twin", world.ours.operator.email)]
    assert speak("b") == told
    assert speak("c", "b", "c") == told
    page = f"/p/tilleuls/servers/{ours.server.public_id}/"
    admin = sign_in(world.ours.administrator)
    assert "Two boxes have this identity" in admin.get(page).content.decode()
    assert admin.post(f"{page}copies/").status_code == 302
    assert "Two boxes have this identity" not in admin.get(page).content.decode()
    assert speak("c", "d") == told
    assert speak("c") == told * 2  # it happened again


def test_a_token_rotates_and_the_old_one_gives_a_copy_away(world: World, boxes: tuple[Box, Box]) -> None:
    ours = boxes[0]
    lost = ours.post("/activation/token").json()["token"]
    new = ours.post("/activation/token").json()["token"]  # the answer was lost: it asks again
    assert len({ours.token, lost, new}) == 3
    assert ours.post("/heartbeat", {}).status_code == 200  # still good
    assert call("POST", "/heartbeat", {}, token=lost).status_code == 401
    assert call("POST", "/heartbeat", {}, token=new).status_code == 200
    assert kinds() == []
    for _ in range(2):
        assert ours.post("/heartbeat", {}).status_code == 401
    assert [kind for kind, _to in kinds()] == ["server_twin"] * 2  # administrator and operator, once each
    kept = ServerCredential.objects.get(server_id=ours.server.pk)
    digests = {kept.token_digest, kept.past_token_digest, kept.next_token_digest}
    assert not digests & {ours.token, lost, new}
    assert boxes[1].post("/heartbeat", {}).status_code == 200


def test_a_new_password_ends_the_old_one_and_leaves_the_token(world: World, boxes: tuple[Box, Box]) -> None:
    from servers.services.boxes import server_password_renew
    from servers.services.credentials import password_issue

    ours = boxes[0]
    with tenant_scope(world.ours.programme.pk):
        first = password_issue(server_id=ours.server.pk)
        server_password_renew(actor=world.ours.actor(world.ours.administrator), server=ours.server)
        second = password_issue(server_id=ours.server.pk)

    def activate(password: str | None) -> int:
        body = {"serial": ours.server.serial, "password": password}
        return int(call("POST", "/activation", body).status_code)

    assert (ours.post("/heartbeat", {}).status_code, activate(first), activate(second)) == (200, 401, 201)
    assert ours.post("/heartbeat", {}).status_code == 401  # exchanged: the running token ended


def test_only_the_operators_of_its_buildings_hear_of_a_server(world: World, boxes: tuple[Box, Box]) -> None:
    """Silence, return and a copied box; where nobody looks after its buildings, the installer hears of it."""
    ours = boxes[0]
    ours.publish(document())
    with tenant_scope(world.ours.programme.pk):
        here, elsewhere = Building.objects.get(), Building.objects.create(ref="Z", name="Z")
    colleague = make_user("autre@tilleuls.example", name="Autre", language="fr")
    join(colleague, world.ours.programme, Role.OPERATOR)
    Membership.objects.filter(user=colleague).update(buildings=[elsewhere.pk])
    mine = Membership.objects.filter(user=world.ours.operator)
    mine.update(buildings=[here.pk])
    with tenant_scope(world.ours.programme.pk):
        server = Server.objects.get(pk=ours.server.pk)
        assert operators_of(server) == [world.ours.operator]
        assert set(staff_of(server)) == {world.ours.administrator, world.ours.operator}
        mine.update(buildings=[elsewhere.pk])
        assert operators_of(server) == [world.ours.administrator]
        mine.update(buildings=None)
        assert operators_of(server) == [world.ours.operator]
