"""Fixtures of every test. The lanes (SQLite, PostgreSQL + Redis) are chosen by testkit/servers.py."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings

from accounts.tenancy import unscoped
from testkit.world import World, make_world

# a loaded machine is slow, not wrong
settings.register_profile("releve", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("releve")


@pytest.fixture
def world(db: Any) -> World:
    cache.clear()  # the tries of the last world's people, whose keys come again
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


# Pages and forms whose statements are the ORM's own: one database is enough for the rest of what they show. The
# access matrix opens every page on PostgreSQL too, and what speaks SQL itself runs in both lanes.
ONE_DATABASE = (
    "tests/accounts/test_accounts.py", "tests/accounts/test_audit.py", "tests/accounts/test_contracts.py",
    "tests/accounts/test_operators.py", "tests/accounts/test_registration.py", "tests/accounts/test_sign_in.py",
    "tests/portal/test_access_scope.py", "tests/portal/test_bad_input.py", "tests/portal/test_commands_refuse.py",
    "tests/portal/operations/test_dashboards.py", "tests/portal/operations/test_headers.py",
    "tests/portal/operations/test_logs.py", "tests/portal/operations/test_rotation.py",
    "tests/portal/test_demo.py", "tests/portal/test_lists_taken_away.py",
    "tests/portal/test_must_hold.py::test_a_thousand", "tests/portal/test_must_hold.py::test_a_credential",
    "tests/portal/test_must_hold.py::test_a_form", "tests/portal/test_must_hold.py::test_nobody_can",
    "tests/portal/test_settings.py",
    "tests/accounts/test_factors.py", "tests/servers/test_estate_pages.py", "tests/readings/test_origin.py",
    "tests/portal/test_extra_fields.py", "tests/portal/test_mailbox.py", "tests/portal/test_odd_text.py",
    "tests/portal/test_search.py", "tests/portal/test_tour.py",
    "tests/readings/test_applications.py", "tests/readings/test_completeness.py",
    "tests/readings/test_contract_pages.py", "tests/readings/test_costs_explained.py", "tests/readings/test_desk.py",
    "tests/readings/test_desk_edges.py",
    "tests/readings/test_hints.py", "tests/readings/test_import_attacked.py", "tests/readings/test_import_pages.py",
    "tests/readings/test_import_reasons.py", "tests/readings/test_judged_by_hand.py", "tests/readings/test_lers_profile.py",
    "tests/servers/test_boxes_pages.py", "tests/servers/test_boxes_serials.py", "tests/servers/test_menu.py",
    "tests/servers/test_occupant_lists.py", "tests/servers/test_occupants.py", "tests/servers/test_rights.py",
    "tests/servers/test_watch.py", "tests/servers/api/test_fuzz.py", "tests/servers/api/test_schemathesis.py",
    "tests/tariffs/test_colours.py", "tests/tariffs/test_parameters_dated.py",
    "tests/tariffs/test_parameters_examples.py", "tests/tariffs/test_parameters_pages.py",
)  # fmt: skip


WHOLE = re.compile(r"^pytestmark = .*\bmark\.(?:e2e|pure)\b", re.M)  # every test of the file is of that kind


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A lane of testkit/lanes.py leaves the files unread that hold nothing for it: to read all takes 13 s of work."""
    import os

    lane = config.getoption("markexpr")
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    if lane in ("e2e", "pure"):
        return f"mark.{lane}" not in collection_path.read_text(encoding="utf-8") or None
    if lane != "not e2e and not pure":
        return None
    on_one = os.environ.get("RELEVE_LANE") == "postgres" and str(collection_path).endswith(ONE_DATABASE)
    return on_one or WHOLE.search(collection_path.read_text(encoding="utf-8")) is not None or None


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there now stays until the end: the collector need not look through it again and again."""
    gc.freeze()
    if session.config.getoption("markexpr") == "pure":  # one of them would have all tables made for it
        wrong = [item.nodeid for item in session.items if item.get_closest_marker("django_db")]
        assert not wrong, f"marked pure, and in a file whose tests use the database: {wrong}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The PostgreSQL lane leaves to the other one what needs no database, and what needs only some database."""
    import os

    if os.environ.get("RELEVE_LANE") != "postgres" or any("test_" in str(word) for word in config.args):
        return
    left = [item for item in items if item.get_closest_marker("pure") or item.nodeid.startswith(ONE_DATABASE)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]


@pytest.fixture
def run_jobs() -> Iterator[Any]:
    """run_jobs() does what is due as a worker would (the suite never uses eager Celery)."""
    from accounts.jobs import run_due_jobs

    yield run_due_jobs
