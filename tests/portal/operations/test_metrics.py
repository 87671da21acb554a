"""The figures for Prometheus: right, bounded, and for nobody without the token."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts import jobs
from accounts.heartbeats import queue_seen
from accounts.models import Job, OutboxMessage
from accounts.tenancy import ProgrammeRequired, tenant_scope
from portal.queues import QUEUES
from servers.models import Server
from testkit.gateway import document, make_box

BATCH = {"batch": str(uuid.uuid4()), "items": [
    {"seq": 1, "meter": "heat-101", "register": "energy", "taken_at": "2026-01-01T00:00:00Z", "value": "1"}
]}  # fmt: skip
TOKEN = {"Authorization": "Bearer test-metrics-token"}


def figures() -> dict[tuple[str, ...], float]:
    """{(name, *values of the labels): value}"""
    text = Client(SERVER_NAME="web").get("/metrics", headers=TOKEN).content.decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": ""}])
def test_without_the_token_there_is_nothing(client: Client, headers: dict[str, str], settings: Any) -> None:
    assert client.get("/metrics", headers=headers).status_code == 404
    assert client.get("/metrics?token=test-metrics-token").status_code == 404
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_pattern_and_not_by_path(world: Any) -> None:
    before = figures()
    client = Client()
    for path in ("/legal/", "/activate/one-secret/", "/activate/other-secret/", "/nowhere/else/"):
        client.get(path)
    after = figures()
    grown = {
        key: value - before.get(key, 0) for key, value in after.items() if key[0] == "releve_requests_total"
    }
    assert {key[1:]: value for key, value in grown.items() if value} == {
        ("GET", "legal/", "200"): 1, ("GET", "activate/<str:token>/", "410"): 2, ("GET", "-", "404"): 1,
        ("GET", "-", "200"): 1,  # the figures themselves
    }  # fmt: skip
    assert after[("releve_request_seconds_count", "legal/")] >= 1
    assert not any("one-secret" in "".join(key) for key in after)


def test_what_waits_is_asked_of_the_database(world: Any) -> None:
    hour = timezone.now() - timedelta(hours=1)
    Job.objects.create(kind="mail", due_at=hour)
    Job.objects.create(kind="totals", due_at=timezone.now() + timedelta(hours=1))
    Job.objects.create(kind="import_archive", state=Job.State.RUNNING)
    Job.objects.create(kind="import_archive", state=Job.State.FAILED)
    OutboxMessage.objects.create(kind="link", recipient="a@b.example", created_at=hour)
    OutboxMessage.objects.create(
        kind="link", recipient="a@b.example", state="failed", error="not needed: gone"
    )
    queue_seen("mail")
    found = figures()
    assert found[("releve_jobs_waiting", "mail")] == 1 and found[("releve_jobs_waiting", "totals")] == 0
    assert 3600 <= found[("releve_jobs_oldest_seconds", "mail")] < 3700
    assert found[("releve_jobs_running", "imports")] == found[("releve_jobs_failed", "import_archive")] == 1
    assert (found[("releve_mails_waiting",)], found[("releve_mails_failed",)]) == (1, 0)
    assert found[("releve_queue_silence_seconds", "mail")] < 60 and found[("releve_database_up",)] == 1


def test_gateways_and_the_walls_between_programmes(
    world: Any, django_capture_on_commit_callbacks: Any
) -> None:
    box = make_box(world.ours.programme)
    box.publish(document())
    before = figures()
    with django_capture_on_commit_callbacks(execute=True):
        assert [box.post("/readings", BATCH).status_code for _time in range(2)] == [200, 200]
    with tenant_scope(world.ours.programme.pk):
        Server.objects.filter(pk=box.server.pk).update(last_sync_at=timezone.now() - timedelta(hours=2))
    theirs = world.theirs.programme.pk
    with pytest.raises(ProgrammeRequired):
        _write_into(theirs)
    with pytest.raises(DatabaseError), transaction.atomic(), tenant_scope(world.ours.programme.pk):
        _write_into(theirs)
    after = figures()
    assert (after[("releve_servers", "online")], after[("releve_servers", "offline")]) == (0, 1)
    for name, label in (("ingest_batches", "stored"), ("ingest_batches", "repeated"), ("readings", "accepted"),
                        ("isolation_refusals", "scope"), ("isolation_refusals", "database")):  # fmt: skip
        key = (f"releve_{name}_total", label)
        assert after[key] == before.get(key, 0) + 1, key


def _write_into(programme_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE servers_building SET programme_id = %s", [programme_id])


@pytest.mark.pure
def test_the_queues_of_the_settings_are_those_of_the_jobs() -> None:
    assert set(QUEUES) == {queue.value for queue in jobs.Queue}
    assert {kind.queue for kind in jobs._kinds.values()} == set(jobs.Queue), "each queue has work"
