"""Reports from a real streaming replica: the same rows and walls as on the primary, never older than the question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from accounts import replica
from accounts.replica import reports_from_replica
from accounts.tenancy import ProgrammeRequired, no_scope, tenant_scope
from servers.models import Building
from testkit.cluster import Cluster, postgres_binaries, replica_of
from testkit.world import World, make_world


@pytest.fixture
def copy(postgres: None, transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A copy of this lane's own server, and the settings that a REPLICA_URL makes."""
    binaries = postgres_binaries()
    assert binaries is not None
    main = connection.settings_dict
    made = replica_of(int(main["PORT"]), binaries)
    monkeypatch.setitem(connections.settings, "replica", {**main, "PORT": str(made.port)})
    monkeypatch.setattr(replica, "_resting_until", 0.0)
    # this lane's server writes its log out late, on purpose
    monkeypatch.setattr(replica, "WAIT_SECONDS", 1.0)
    wrapper = connections["replica"]

    def ensure_connection() -> None:  # without Django's word that a test may not have two databases
        if wrapper.connection is None:
            with wrapper.wrap_database_errors:
                wrapper.connect()

    monkeypatch.setattr(wrapper, "ensure_connection", ensure_connection)
    yield made
    wrapper.close()
    del connections["replica"]
    made.remove()


def _names() -> list[str]:
    return sorted(Building.objects.values_list("name", flat=True))


def _by_hand() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM servers_building ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


def _where() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return bool(cursor.fetchone()[0])


def _building(world: World, name: str) -> None:
    with tenant_scope(world.ours.programme.pk):
        Building.objects.create(ref=name, name=name)


@pytest.mark.slow
def test_reports_come_from_the_replica(copy: Cluster, client: Any) -> None:
    world = make_world()
    ours, theirs = world.ours.programme.pk, world.theirs.programme.pk
    with tenant_scope(theirs):
        Building.objects.create(ref="T", name="Theirs")
    _building(world, "First")

    with tenant_scope(ours):
        with reports_from_replica() as there:
            assert there and _where(), "the replica answers"
            assert _names() == _by_hand() == ["First"], "what was written a moment ago, and nobody else's"
        assert not _where() and _names() == ["First"], "and the scope goes on where it was"
        with pytest.raises(DatabaseError, match="read-only"), reports_from_replica():
            Building.objects.create(ref="x", name="x")
        with pytest.raises(ProgrammeRequired), reports_from_replica(), no_scope():
            _names()
        assert _names() == ["First"]

    client.force_login(world.ours.operator)
    with CaptureQueriesContext(connections["replica"]) as asked:
        page = client.get(f"/p/{world.ours.programme.slug}/overview/")
    assert page.status_code == 200 and len(asked) > 5, "the page's own queries went there"

    copy.sql("SELECT pg_wal_replay_pause()")
    _building(world, "Second")
    with tenant_scope(ours), reports_from_replica() as there:
        assert not there and _names() == ["First", "Second"], "it lags: the primary answers"
    copy.sql("SELECT pg_wal_replay_resume()")
    with tenant_scope(ours), reports_from_replica() as there:
        assert there and _names() == ["First", "Second"]

    copy.stop()
    for _asked_twice in range(2):
        with tenant_scope(ours), reports_from_replica() as there:
            assert not there and _names() == ["First", "Second"], "it is away: the primary answers"


def test_without_one_the_primary_answers(world: World) -> None:
    with tenant_scope(world.ours.programme.pk), reports_from_replica() as there:
        assert not there
