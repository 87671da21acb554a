"""A database of an earlier release can be migrated: SQLite's triggers step aside for it and come back."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.dbguard import install_guards, lift_triggers

pytestmark = pytest.mark.django_db


def triggers() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())


def test_triggers_are_lifted_for_a_migration_and_put_back() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL renames tables without rebuilding them")
    before = triggers()
    assert "servers_commandorder_programme_insert" in before
    lift_triggers(plan=())
    assert triggers() == before
    lift_triggers(plan=[("a migration", False)])
    assert triggers() == {}
    install_guards()
    assert triggers() == before
