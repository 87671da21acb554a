"""Fixtures of every test. The lanes (SQLite, PostgreSQL + Redis) are chosen by testkit/servers.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.tenancy import unscoped
from testkit.world import World, make_world


@pytest.fixture
def world(db: Any) -> World:
    return make_world()


@pytest.fixture
def sign_in() -> Any:
    """sign_in(user) -> a client with that person's session."""

    def make(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture(autouse=True, scope="session")
def _flush_may_touch_every_programme() -> Iterator[None]:
    """A transactional test empties all tables at its end, outside any scope.

    For the whole session: a patch of one test would be undone before that test's tables are emptied.
    """
    flush = connection.ops.execute_sql_flush

    def unscoped_flush(sql_list: Any) -> Any:
        with unscoped(reason="emptying the test database"):
            return flush(sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "execute_sql_flush", unscoped_flush)
        yield


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("shows a property of PostgreSQL; the other lane runs it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pure tests need no database, so the PostgreSQL lane leaves them to the other one."""
    import os

    if os.environ.get("RELEVE_LANE") == "postgres":
        for item in items:
            if item.get_closest_marker("pure"):
                item.add_marker(pytest.mark.skip(reason="pure: runs once, in the SQLite lane"))


@pytest.fixture
def run_jobs() -> Iterator[Any]:
    """run_jobs() does what is due as a worker would (the suite never uses eager Celery)."""
    from accounts.jobs import run_due_jobs

    yield run_due_jobs
