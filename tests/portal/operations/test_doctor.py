"""The doctor finds each fault that is put in, says what to mend, and finds none in a sound installation."""

from __future__ import annotations

import io
import json
import shutil
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.heartbeats import queue_seen
from accounts.jobs import Queue
from accounts.models import Job, OutboxMessage
from portal.operations import doctor
from portal.operations.doctor import BAD, examine, machine

HOUR = timedelta(hours=1)
WALL = {
    "sqlite": "DROP TRIGGER servers_building_programme_update",
    "postgresql": "ALTER TABLE servers_building DISABLE ROW LEVEL SECURITY",
}


@pytest.fixture
def sound(world: Any) -> None:
    """A world in which every queue has been heard of and a backup was made."""
    for queue in Queue:
        queue_seen(queue.value)
    (settings.VAR_DIR / "last-backup.json").write_text(json.dumps({"made": timezone.now().isoformat()}))


def faults(*only: str) -> str:
    return " ".join(f"{f.topic}: {f.sentence}" for f in examine(list(only)) if f.level == BAD)


def test_nothing_is_found_where_nothing_is_wrong(sound: Any) -> None:
    # the tests' own servers are careless about power cuts and evictions on purpose
    topics = [topic for topic in doctor.checks() if topic not in ("database", "broker", "secrets")]
    assert faults(*topics) == ""
    out = io.StringIO()
    call_command("doctor", "--only", "workers", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "topic": "workers", "level": "ok", "sentence": "Beat rings, and a worker of each queue hears it.",
    }  # fmt: skip


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _full(monkeypatch: Any) -> None:
    usage = shutil._ntuple_diskusage(10**12, 10**12 - 10**6, 10**6)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def _deployed(monkeypatch: Any, **changed: Any) -> None:
    for name, value in {"MODE": "production", "SITE_URL": "https://a.example", **changed}.items():
        monkeypatch.setattr(settings, name, value)


def _gone(monkeypatch: Any, error: type[Exception]) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise error("at redis://:password@nowhere")

    monkeypatch.setattr(Job.objects, "filter", refuse)


FAULTS: dict[str, tuple[str, Any, str]] = {
    "an old library": ("versions", lambda m: m.setitem(machine.LEAST, "lxml", ((99,), "it is old")), "lxml"),
    "a sample key": ("secrets", lambda m: m.setattr(settings, "SECRET_KEY", "django-insecure-" + "x" * 40), "sample"),
    "a forged host": ("settings", lambda m: _deployed(m, ALLOWED_HOSTS=["*"]), "takes any host"),
    "another host": ("settings", lambda m: _deployed(m, ALLOWED_HOSTS=["b.example"]), "does not have a.example"),
    "a debugging portal": ("settings", lambda m: _deployed(m, DEBUG=True), "security.W018"),
    "a database that is away": ("jobs", lambda m: _gone(m, OperationalError), "does not answer (OperationalError)"),
    "a broker that is away": ("jobs", lambda m: _gone(m, redis.ConnectionError), "Redis does not answer (ConnectionError)"),
    "a full disk": ("disk", _full, "make room"),
    "a migration that waits": (
        "migrations", lambda m: _sql("DELETE FROM django_migrations WHERE app = 'tariffs'"), "run migrate",
    ),
    "a wall that is down": ("isolation", lambda m: _sql(WALL[connection.vendor]), "servers_building"),
    "a queue without a worker": ("workers", lambda m: cache.delete("alive:imports"), "-Q imports"),
    "nobody at work": ("workers", lambda m: [cache.delete(f"alive:{q.value}") for q in Queue], "beat or all workers"),
    "a job that waits": ("jobs", lambda m: Job.objects.create(kind="totals", due_at=timezone.now() - HOUR), "1 jobs"),
    "a job that was left": (
        "jobs", lambda m: Job.objects.create(kind="x", state="running", lease_until=timezone.now() - HOUR), "died",
    ),
    "a mail that waits": (
        "mail",
        lambda m: OutboxMessage.objects.create(kind="x", recipient="a@b.c", created_at=timezone.now() - HOUR),
        "1 mails have waited",
    ),
    "no mail server": (
        "mail",
        lambda m: (m.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend"),
                   m.setattr(settings, "EMAIL_PORT", 1, raising=False)),
        "does not answer (ConnectionRefusedError)",
    ),
    "no backup for days": (
        "backup",
        lambda m: (settings.VAR_DIR / "last-backup.json").write_text('{"made": "2020-01-01T00:00:00+00:00"}'),
        "2020-01-01",
    ),
    "a check that cannot look": ("mail", lambda m: m.setattr(OutboxMessage, "objects", None), "Cannot look"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found(sound: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    topic, put_in, words = FAULTS[name]
    put_in(monkeypatch)
    assert words in faults(topic)
    with pytest.raises(SystemExit):
        call_command("doctor", "--only", topic, "--quiet", stdout=io.StringIO())


def test_who_serves_should_own_nothing(postgres: None, sound: Any, monkeypatch: Any) -> None:
    """The tests' role owns its tables, as on a machine by itself; a production is told to part the two."""
    assert faults("isolation") == ""
    monkeypatch.setattr(settings, "MODE", "production")
    assert "owns the tables that it serves: make the two roles of docs/operations/roles.sql" in faults(
        "isolation"
    )


def test_postgres_is_asked_how_careful_it_is(postgres: None, sound: Any, monkeypatch: Any) -> None:
    """The tests' own server runs without fsync: that is found, and a clock that is away."""
    assert "fsync is off" in faults("database") and "synchronous_commit" in faults("database")
    monkeypatch.setattr("time.time", lambda: 1_000_000_000.0)
    assert "run a time service" in faults("clock")
