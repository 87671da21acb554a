"""Alive, ready, and away: what a load balancer, a gateway and a visitor get while the database does not answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from portal.operations import health

AWAY = {"SERVER_NAME": "10.0.0.7"}  # a host that is not ours: the balancer asks by the machine's address


def test_alive_and_ready(db: Any) -> None:
    client = Client(**AWAY)
    for path in ("/health/live", "/health/ready"):
        answer = client.get(path)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store"), answer.content
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405
    assert not client.cookies


def test_not_ready_while_tables_are_of_an_earlier_release(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_complete", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'readings'")
    answer = Client(**AWAY).get("/health/ready")
    assert (answer.status_code, answer.json()["reason"]) == (503, "migrations")


@pytest.mark.parametrize("error", [OperationalError("gone postgres://u:secret@db"), InterfaceError("closed")])
def test_everything_else_is_503_while_the_database_is_away(
    world: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    client = sign_in(world.ours.administrator)
    client.raise_request_exception = False

    def away(*args: Any, **kwargs: Any) -> Any:
        raise error

    token = {"Authorization": "Bearer " + "t" * 43}
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        page = client.get(f"/p/{world.ours.programme.slug}/servers/")
        assert (page.status_code, page["Retry-After"]) == (503, "10")
        assert "Портал скоро" in page.content.decode() and b"secret" not in page.content
        box = Client().post("/api/v1/readings", {}, content_type="application/json", headers=token)
        assert (box.status_code, box["Retry-After"], box.json()["code"]) == (503, "5", "busy")
        ready = client.get("/health/ready")
        assert (ready.status_code, ready["Retry-After"]) == (503, "10")
        assert client.get("/health/live").status_code == 200
        assert "releve_database_up 0.0" in figures(client)
    assert client.get(f"/p/{world.ours.programme.slug}/servers/").status_code == 200, (
        "and it comes back by itself"
    )


def test_a_mistake_of_ours_stays_500(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.views.render", lambda *args: 1 / 0)
    answer = Client(raise_request_exception=False).get("/legal/")
    assert answer.status_code == 500 and "Retry-After" not in answer


def figures(client: Client) -> str:
    answer = client.get("/metrics", headers={"Authorization": "Bearer test-metrics-token"})
    assert answer.status_code == 200
    return answer.content.decode()
