"""Activation: password for token, its limits, suspend and resume; secrets stay secret."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.tenancy import tenant_scope, unscoped
from servers.models import Server, ServerCredential
from testkit.gateway import OTHER_SERIAL, SERIAL, Box, call, make_box, make_server
from testkit.world import World


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests() -> None:
    cache.clear()


def activate(serial: str, password: str, **more: Any) -> Any:
    return call("POST", "/activation", {"serial": serial, "password": password}, **more)


def test_the_password_gives_a_token_once_shown_and_never_stored(world: World) -> None:
    server, password = make_server(world.ours.programme)
    answer = activate("wgqv-2lwv-m2wf-kxm3-fbn9-9167", password)
    assert answer.status_code == 201
    assert answer.json() == {
        "token": answer.json()["token"],
        "server": {"id": str(server.public_id), "description": "Serveur Lila"},
        "programme": "Les Tilleuls",
    }
    token = answer.json()["token"]
    assert len(token) >= 43  # 256 bits
    assert answer.headers["Cache-Control"] == "no-store"
    credential = ServerCredential.objects.get(server_id=server.pk)
    assert credential.token_digest not in (None, token)
    assert call("POST", "/heartbeat", {}, token=token).status_code == 200


def test_the_password_works_until_the_token_is_first_used(world: World) -> None:
    _server, password = make_server(world.ours.programme)
    lost = activate(SERIAL, password).json()["token"]
    kept = activate(SERIAL, password).json()["token"]  # the answer was lost: the box asks again
    assert call("POST", "/heartbeat", {}, token=lost).status_code == 401
    assert call("POST", "/heartbeat", {}, token=kept).status_code == 200
    again = activate(SERIAL, password)
    assert (again.status_code, again.json()["code"]) == (401, "wrong_password")
    assert call("POST", "/heartbeat", {}, token=kept).status_code == 200


@pytest.mark.parametrize("serial", [SERIAL, OTHER_SERIAL, "nonsense", "O" * 24])
def test_a_wrong_password_and_an_unknown_serial_get_the_same_sentence(world: World, serial: str) -> None:
    make_server(world.ours.programme)
    answer = activate(serial, "A" * 30)
    assert answer.status_code == 401
    assert answer.json() == {
        "code": "wrong_password",
        "message": "This serial number and this password do not belong together.",
    }


def test_a_password_of_another_server_does_not_open_this_one(world: World) -> None:
    make_server(world.ours.programme)
    _theirs, password = make_server(world.theirs.programme, OTHER_SERIAL)
    assert activate(SERIAL, password).status_code == 401
    assert activate(OTHER_SERIAL, password).json()["programme"] == "Les Acacias"


def test_too_many_wrong_passwords_wait(world: World, settings: Any) -> None:
    settings.ACTIVATION_FAILURES = 3
    _server, password = make_server(world.ours.programme)
    for _ in range(3):
        assert activate(SERIAL, "A" * 30).status_code == 401
    refused = activate(SERIAL, password)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) > 0
    cache.clear()  # the time is over
    assert activate(SERIAL, password).status_code == 201


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "serial is missing."),
        ({"serial": SERIAL}, "password is missing."),
        ({"serial": 5, "password": "x"}, "serial must be text."),
        ({"serial": "1" * 65, "password": "x"}, "serial is too long."),
        ([], "The body must be a JSON object."),
        (b"", "the body is missing."),
        (b"{", "The body is not valid JSON."),
        (b'{"serial": NaN}', "The body is not valid JSON."),
        (b'{"serial":"1","serial":"2","password":"3"}', "The body is not valid JSON."),
        (b'{"serial":"\\u0000","password":"3"}', "The body holds characters that are no text."),
        (b"[" * 100_000, "The body is not valid JSON."),
        (b"\xff\xfe", "The body is not valid JSON."),
    ],
)
def test_a_malformed_body_names_its_fault(world: World, body: Any, sentence: str) -> None:
    answer = call("POST", "/activation", body)
    assert answer.status_code == 400
    assert answer.json() == {"code": "malformed", "message": sentence}


def test_size_and_type_of_the_body(world: World, settings: Any) -> None:
    _server, password = make_server(world.ours.programme)
    settings.API_BODY_MAX_BYTES, settings.API_UNPACKED_MAX_BYTES = 1000, 4000
    good = {"serial": SERIAL, "password": password}
    padded = {**good, "padding": " " * 2000}
    refusals = {
        413: [
            call("POST", "/activation", padded),
            call("POST", "/activation", {**good, "padding": "x" * 5000}, zipped=True),
            call("POST", "/activation", b" " * 3_000_000),
        ],
        415: [
            call("POST", "/activation", good, **{"Content-Type": "text/plain"}),
            call("POST", "/activation", good, **{"Content-Type": "application/json; charset=latin-1"}),
            call("POST", "/activation", good, **{"Content-Encoding": "br"}),
        ],
        400: [call("POST", "/activation", b"no gzip", **{"Content-Encoding": "gzip"})],
    }
    for status, answers in refusals.items():
        assert [answer.status_code for answer in answers] == [status] * len(answers)
        assert all(set(answer.json()) == {"code", "message"} for answer in answers)
    assert call("POST", "/activation", padded, zipped=True).status_code == 201  # the control


def test_suspend_and_resume_with_the_same_token(world: World) -> None:
    box = make_box(world.ours.programme)
    for _ in range(2):  # twice is no fault
        assert box.delete("/activation").json() == {"state": "suspended"}
    refused = box.post("/heartbeat", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "suspended")
    assert box.put("/publication", {}).status_code in (400, 403)
    for _ in range(2):
        assert box.post("/activation/resume", {}).json() == {"state": "active"}
    assert box.post("/heartbeat", {}).status_code == 200


CALLS = [
    ("DELETE", "/activation", None),
    ("POST", "/activation/resume", {}),
    ("PUT", "/publication", {"revision": 1, "buildings": [], "meters": []}),
    ("GET", "/publication/00000000-0000-4000-8000-000000000000", None),
    ("POST", "/heartbeat", {}),
    ("POST", "/commands/00000000-0000-4000-8000-000000000000/result", {"state": "done"}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_every_call_needs_the_token_in_the_header(world: World, method: str, path: str, body: Any) -> None:
    box = make_box(world.ours.programme)
    for headers in ({}, {"Authorization": f"Basic {box.token}"}, {"Authorization": "Bearer wrong" * 5}):
        answer = call(method, path, body, **headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    for name in ("token", "access_token", "Authorization"):
        spent = box.request(method, f"{path}?{name}={box.token}", body)
        assert (spent.status_code, spent.json()["code"]) == (400, "token_in_query")
    assert box.request(method, path, body).status_code in (200, 202, 404)  # the control


def test_a_session_opens_nothing(world: World) -> None:
    client = Client()
    client.force_login(world.ours.administrator)
    assert client.post("/api/v1/heartbeat", {}, content_type="application/json").status_code == 401


def test_a_removed_server_is_let_in_no_more(world: World) -> None:
    box = make_box(world.ours.programme)
    with tenant_scope(world.ours.programme.pk):
        from django.utils import timezone

        Server.objects.filter(pk=box.server.pk).update(removed_at=timezone.now())
    assert box.post("/heartbeat", {}).status_code == 401


def test_unknown_addresses_and_methods_answer_in_the_same_shape(world: World) -> None:
    assert call("GET", "/nothing/here").json()["code"] == "not_found"
    assert call("POST", "/nothing").status_code == 404
    wrong = call("GET", "/heartbeat")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["Allow"]) == (
        405,
        "method_not_allowed",
        "POST",
    )


@pytest.mark.pure
@pytest.mark.parametrize("path", ["/api/v1/heartbeat", "/api/v1/nothing", "/api/v1/openapi.json"])
def test_a_wrong_host_gets_the_same_shape(path: str) -> None:
    answer = Client(raise_request_exception=False).post(path, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert answer.headers["Content-Type"] == "application/json"


def test_the_description_names_every_call(world: World) -> None:
    schema = call("GET", "/openapi.json").json()
    assert {"/api/v1/activation", "/api/v1/publication", "/api/v1/heartbeat"} <= set(schema["paths"])
    assert {"200", "401", "403"} <= set(schema["paths"]["/api/v1/heartbeat"]["post"]["responses"])
    page = call("GET", "/docs")
    assert page.status_code == 200
    assert not re.search(rb"(?:src|href)=\"(?:https?:)?//", page.content)


def test_an_unexpected_failure_says_nothing_of_itself(world: World, monkeypatch: Any) -> None:
    box = make_box(world.ours.programme)

    def broken(**_kwargs: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("servers.api.heartbeat.server_seen", broken)
    answer = box.post("/heartbeat", {})
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert b"secret" not in answer.content


def test_secrets_are_in_no_table_and_no_log(world: World, caplog: Any, run_jobs: Any) -> None:
    caplog.set_level(logging.DEBUG)
    out = io.StringIO()
    call_command(
        "create_server", programme="tilleuls", serial=SERIAL, description="Lila", json=True, stdout=out
    )
    password = re.search(r'"password": "(\w+)"', out.getvalue())[1]  # type: ignore[index]
    token = activate(SERIAL, password).json()["token"]
    call("POST", "/heartbeat", {}, token=token)
    call("POST", f"/heartbeat?token={token}", {})
    activate(SERIAL, password + "X")
    with unscoped(reason="looking for secrets in every table"), connection.cursor() as cursor:
        dump = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            dump += [str(row) for row in cursor.fetchall()]
    text = "\n".join(dump)
    assert SERIAL in text  # the control: the dump holds what it should
    for secret in (password, token):
        assert secret not in text
        assert secret not in caplog.text
    assert not mail.outbox  # the command prints, it does not mail


def test_two_boxes_each_in_their_own_programme(world: World) -> None:
    ours: Box = make_box(world.ours.programme)
    theirs = make_box(world.theirs.programme, OTHER_SERIAL)
    assert ours.post("/heartbeat", {"spool": {"pending": 7}}).status_code == 200
    with tenant_scope(world.ours.programme.pk):
        assert Server.objects.get().spool_pending == 7
    with tenant_scope(world.theirs.programme.pk):
        assert Server.objects.get().last_sync_at is None
    assert theirs.post("/heartbeat", {}).status_code == 200
