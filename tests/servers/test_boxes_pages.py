"""The tab "Servers": what it shows, whom, and what it refuses."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEntry, OutboxMessage
from accounts.tenancy import tenant_scope
from servers.forms.boxes import ServerEditForm
from servers.models import Dwelling, MeterRef, Server, ServerCredential
from servers.services.credentials import password_issue
from testkit.gateway import OTHER_SERIAL, SERIAL, Box, call, document, make_box, make_server
from testkit.world import World

GROUPED = "WGQV-2LWV-M2WF-KXM3-FBN9-9167"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNKNOWN = "00000000-0000-4000-8000-000000000000"
# URL name, method, whether it is about one server, whether an operator may open it
VIEWS = [
    ("server_list", "get", False, True),
    ("server_by_dwelling", "get", False, True),
    ("server_create", "get", False, False),
    ("server_detail", "get", True, True),
    ("server_edit", "post", True, False),
    ("server_password", "post", True, False),
    ("server_replace", "get", True, False),
    ("server_remove", "get", True, False),
]
BY_NAME = pytest.mark.parametrize(("name", "method", "one", "operator_may"), VIEWS, ids=[v[0] for v in VIEWS])


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    cache.clear()
    for housing in (world.ours, world.theirs):
        for user in (housing.administrator, housing.operator, housing.occupant):
            user.language = "en"
            user.save()


@pytest.fixture
def server(world: World) -> Server:
    return make_server(world.ours.programme)[0]


@pytest.fixture
def admin(world: World, sign_in: Any) -> Client:
    client: Client = sign_in(world.ours.administrator)
    return client


def at(name: str, server: Server | str | None = None, slug: str = "tilleuls") -> str:
    more = [] if server is None else [server if isinstance(server, str) else server.public_id]
    return reverse(name, args=[slug, *more])


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@BY_NAME
def test_who_may_open_it(
    world: World, server: Server, sign_in: Any, name: str, method: str, one: bool, operator_may: bool
) -> None:
    make_server(world.theirs.programme, OTHER_SERIAL)
    url = at(name, server if one else None)
    body = {"description": "Lila"}

    def status(client: Client, address: str = url) -> int:
        return int(getattr(client, method)(address, body if method == "post" else None).status_code)

    good = {200} if method == "get" else {302}
    assert status(sign_in(world.ours.administrator)) in good
    assert status(sign_in(world.ours.operator)) in (good if operator_may else {403})
    assert status(sign_in(world.ours.occupant)) == 403
    assert status(sign_in(world.theirs.administrator)) == 404
    signed_out = Client()
    assert getattr(signed_out, method)(url).url.startswith("/?next=")


@BY_NAME
def test_wrong_method_and_wrong_id(
    world: World, server: Server, admin: Client, name: str, method: str, one: bool, operator_may: bool
) -> None:
    foreign, _password = make_server(world.theirs.programme, OTHER_SERIAL)
    wrong = "delete" if name in ("server_create", "server_replace", "server_remove") else (
        "post" if method == "get" else "get"
    )  # fmt: skip
    assert getattr(admin, wrong)(at(name, server if one else None)).status_code == 405
    if one:
        for public_id in (UNKNOWN, str(foreign.public_id)):
            assert getattr(admin, method)(at(name, public_id)).status_code == 404
        bad = at(name, server).replace(str(server.public_id), "no-uuid")
        assert getattr(admin, method)(bad).status_code == 404


def test_no_server_yet_says_what_to_do(admin: Client, world: World, sign_in: Any) -> None:
    page = admin.get(at("server_list"))
    assert "No server" in text(page)
    assert at("server_create") in page.content.decode()
    for_operator = sign_in(world.ours.operator).get(at("server_list"))
    assert at("server_create") not in for_operator.content.decode()


def test_the_list_shows_serial_dates_and_state(world: World, admin: Client) -> None:
    make_server(world.theirs.programme, OTHER_SERIAL, "Serveur Rose")
    with time_machine.travel(NOON, tick=False) as clock:
        box = make_box(world.ours.programme)
        admin.force_login(world.ours.administrator)
        assert "Never" in text(admin.get(at("server_list")))
        box.publish(document())
        box.post("/heartbeat", {"spool": {"pending": 3}})
        shown = text(admin.get(at("server_list")))
        assert GROUPED in shown
        assert "Serveur Lila" in shown
        assert "Today at 13:00" in shown  # Paris
        assert "online" in shown
        assert "Serveur Rose" not in shown
        assert "3" in text(admin.get(at("server_detail", box.server)))
        clock.shift(timedelta(hours=2))
        assert "offline" in text(admin.get(at("server_list")))
        box.delete("/activation")
        assert "suspended" in text(admin.get(at("server_list")))


def test_by_dwelling(world: World, admin: Client) -> None:
    url = at("server_by_dwelling")
    assert "No server" in text(admin.get(url))
    box = make_box(world.ours.programme)
    assert "No dwelling yet" in text(admin.get(url))
    box.publish(document())
    other = make_box(world.theirs.programme, OTHER_SERIAL)
    theirs = document()
    theirs["buildings"][0]["dwellings"][0]["name"] = "Chez les voisins"
    other.publish(theirs)
    shown = text(admin.get(url))
    assert shown.index("Appartement 101") < shown.index("Appartement 102")
    assert shown.count(GROUPED) == 2
    assert "voisins" not in shown


def test_pages_take_few_queries(world: World, admin: Client, django_assert_max_num_queries: Any) -> None:
    box = make_box(world.ours.programme)
    box.publish(document())
    for name, one in (("server_list", None), ("server_by_dwelling", None), ("server_detail", box.server)):
        with django_assert_max_num_queries(15):  # PostgreSQL is told the role and the programme as well
            assert admin.get(at(name, one)).status_code == 200


def create(client: Client, serial: str, description: str = "Serveur Lila") -> Any:
    return client.post(at("server_create"), {"serial": serial, "description": description})


def test_creating_mails_a_password_that_activates(world: World, admin: Client, run_jobs: Any) -> None:
    answer = create(admin, "wgqv 2lwv m2wf kxm3 fbn9 9167")
    with tenant_scope(world.ours.programme.pk):
        server = Server.objects.get()
        assert server.serial == SERIAL
        assert AuditEntry.objects.get().action == "server.created"
    assert answer.url == at("server_detail", server)
    credential = ServerCredential.objects.get()
    assert credential.password_digest is None  # it is made when the mail goes, not before
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == [world.ours.administrator.email]
    assert GROUPED in sent.subject
    (password,) = re.findall(r"^([A-NP-Z0-9]{30})$", str(sent.body), re.MULTILINE)
    stored = OutboxMessage.objects.get()
    assert password not in str(stored.context)
    assert password in str(sent.alternatives[0][0])
    answer = call("POST", "/activation", {"serial": SERIAL, "password": password})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("serial", "sentence"),
    [
        ("O" + SERIAL[1:], "never contains the letter O: read it as the digit 0"),
        (SERIAL[:-1], "has 24 letters and digits, in six groups of four; here are 23"),
        ("Ж" + SERIAL[1:], "“Ж” does not belong in a serial number"),
        ("", "This field is required"),
    ],
)
def test_a_wrong_serial_gets_one_clear_sentence(
    world: World, admin: Client, serial: str, sentence: str
) -> None:
    page = create(admin, serial)
    assert page.status_code == 422
    assert sentence in text(page)
    assert not ServerCredential.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_serial_in_use_is_refused_without_saying_where(world: World, admin: Client) -> None:
    make_server(world.ours.programme)
    make_server(world.theirs.programme, OTHER_SERIAL, "Serveur Rose")
    assert "This programme already has a server" in text(create(admin, SERIAL))
    elsewhere = text(create(admin, OTHER_SERIAL))
    assert "is active elsewhere" in elsewhere
    assert "Acacias" not in elsewhere
    assert "Rose" not in elsewhere
    with tenant_scope(world.ours.programme.pk):
        assert Server.objects.count() == 1


def test_two_who_register_one_label_at_once(world: World, admin: Client, monkeypatch: Any) -> None:
    """Both have looked and found it free: the database lets one of them."""
    make_server(world.theirs.programme)
    monkeypatch.setattr("servers.services.boxes._refuse_taken", lambda serial: None)
    assert "is active elsewhere" in text(create(admin, SERIAL))
    with tenant_scope(world.ours.programme.pk):
        assert not Server.objects.exists()
        assert not AuditEntry.objects.exists()


def test_the_description_can_be_changed(world: World, server: Server, admin: Client) -> None:
    admin.post(at("server_edit", server), {"description": "Chaufferie"})
    assert "Chaufferie" in text(admin.get(at("server_detail", server)))
    refused = admin.post(at("server_edit", server), {"description": " "})
    assert (refused.status_code, "This field is required" in text(refused)) == (422, True)
    with tenant_scope(world.ours.programme.pk):
        server.refresh_from_db()
        assert server.description == "Chaufferie"
        assert AuditEntry.objects.get(action="server.edited").detail == {
            "old": "Serveur Lila",
            "new": "Chaufferie",
        }


def test_a_new_password_ends_the_old_one_and_leaves_the_box_connected(
    world: World, admin: Client, run_jobs: Any
) -> None:
    box = make_box(world.ours.programme)
    old = password_issue(server_id=box.server.pk)
    admin.post(at("server_password", box.server))
    body = {"serial": SERIAL, "password": old}
    assert call("POST", "/activation", body).status_code == 401
    assert box.post("/heartbeat", {}).status_code == 200
    assert call("POST", "/activation", body).status_code == 401
    admin.post(at("server_password", box.server))
    run_jobs()
    (new,) = re.findall(r"^([A-NP-Z0-9]{30})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert "New password" in mail.outbox[-1].subject
    token = call("POST", "/activation", body | {"password": new}).json()["token"]
    assert call("POST", "/heartbeat", {}, token=token).status_code == 200
    assert box.post("/heartbeat", {}).status_code == 401  # the exchange ended the token before


def test_replacing_keeps_the_estate_and_shuts_the_old_box_out(
    world: World, admin: Client, run_jobs: Any
) -> None:
    box = make_box(world.ours.programme)
    box.publish(document())
    same = admin.post(at("server_replace", box.server), {"serial": SERIAL})
    assert "that is to be replaced" in text(same)
    answer = admin.post(at("server_replace", box.server), {"serial": OTHER_SERIAL})
    assert answer.url == at("server_detail", box.server)
    assert box.post("/heartbeat", {}).status_code == 401
    shown = text(admin.get(answer.url))
    assert "A1B2-C3D4-E5F6-G7H8-I9J0-K1L2" in shown
    assert "not activated" in shown
    with tenant_scope(world.ours.programme.pk):
        assert MeterRef.objects.filter(server=box.server, valid_to=None).count() == 3
    run_jobs()
    (password,) = re.findall(r"^([A-NP-Z0-9]{30})$", str(mail.outbox[-1].body), re.MULTILINE)
    for serial, status in ((SERIAL, 401), (OTHER_SERIAL, 201)):
        assert call("POST", "/activation", {"serial": serial, "password": password}).status_code == status
    create(admin, SERIAL)  # the old label is free again
    assert ServerCredential.objects.count() == 2


def test_removing_asks_first_shuts_the_box_out_and_keeps_the_estate(
    world: World, admin: Client, run_jobs: Any
) -> None:
    box: Box = make_box(world.ours.programme)
    box.publish(document())
    url = at("server_remove", box.server)
    assert "readings stay" in text(admin.get(url))
    assert box.post("/heartbeat", {}).status_code == 200  # a question is no answer
    admin.post(at("server_password", box.server))  # a mail is under way
    assert admin.post(url).url == at("server_list")
    assert box.post("/heartbeat", {}).status_code == 401
    assert "No server" in text(admin.get(at("server_list")))
    assert admin.get(at("server_detail", box.server)).status_code == 404
    run_jobs()
    assert not mail.outbox  # nobody needs the password of a removed box
    with tenant_scope(world.ours.programme.pk):
        assert Dwelling.objects.filter(retired_at=None).count() == 2
        assert MeterRef.objects.filter(valid_to=None).count() == 3
    assert create(admin, SERIAL).status_code == 302


def test_the_page_tells_what_a_publication_changed_or_why_it_was_refused(world: World, admin: Client) -> None:
    box = make_box(world.ours.programme)
    hostile = document()
    hostile["buildings"][0]["dwellings"][0]["name"] = "<script>alert(1)</script>"
    box.publish(hostile)
    box.publish(document(2, meters=[]))
    box.publish(document(3, devices=[{"ref": "x", "place": "nowhere", "name": "x", "kind": "x"}]))
    page = admin.get(at("server_detail", box.server))
    shown = text(page)
    assert b"<script>alert" not in page.content
    for part in ("Dwellings, new: 2", "Meters, vanished: 3", "Dwellings, renamed: 1", "devices[0].place"):
        assert part in shown
    assert "refused" in shown


def test_the_command_refuses_in_one_sentence(world: World) -> None:
    make_server(world.theirs.programme)
    for options, sentence in (
        ({"programme": "nowhere"}, "no programme nowhere"),
        ({"serial": "O" * 24}, "O"),
        ({"serial": SERIAL}, "."),
        ({"description": " "}, "1 to 120"),
    ):
        given = {"programme": "tilleuls", "serial": OTHER_SERIAL, "description": "x", **options}
        with pytest.raises(CommandError, match=re.escape(sentence)):
            call_command("create_server", **given)
    with tenant_scope(world.ours.programme.pk):
        assert not Server.objects.exists()


def test_how_long_a_server_may_be_silent_is_asked_in_the_readers_language() -> None:
    words = {}
    for language in ("fr", "ru", "en"):
        with translation.override(language):
            words[language] = str(ServerEditForm()["silent_after_minutes"])
    assert "after 15 minutes" in words["en"]
    assert len(set(words.values())) == 3


def test_the_list_is_searched_sorted_and_paged(world: World, sign_in: Any) -> None:
    """By any part of the serial number, with its dashes or without; what nobody knows counts as not asked."""
    with tenant_scope(world.ours.programme.pk):
        for number in range(51):
            Server.objects.create(serial=f"{number:02}ABCD{'7' * 18}", description=f"Box {number}")
    client = sign_in(world.ours.administrator)

    def shown(query: str) -> list[str]:
        page = client.get(f"/p/tilleuls/servers/?{query}").content.decode()
        return re.findall(r"<td>(Box \d+)</td>", page)

    assert shown("")[:3] == ["Box 0", "Box 1", "Box 10"] and len(shown("")) == 50
    assert shown("sort=description&page=2") == ["Box 50"] and shown("sort=-description")[0] == "Box 50"
    assert (
        shown("q=12AB-CD77") == ["Box 12"]
        and shown("q=12abcd") == ["Box 12"]
        and shown("q=box+50") == ["Box 50"]
    )
    assert shown("sort=password")[0] == "Box 0" and shown("page=x")[0] == "Box 0"
    assert "Nothing here is called" in client.get("/p/tilleuls/servers/?q=nothing").content.decode()
    assert len(shown("sort=heard")) == 50
