"""Reports from a copy of the database (REPLICA_URL), so that those who read a year do not slow down those who write.

with reports_from_replica():
    ...   # ORM and SQL by hand alike: within it this thread's connection *is* the replica's

Half of the reports are SQL by hand, which a router of Django's never sees: so not the query is sent elsewhere, but
the thread's connection is exchanged. The scope opens again on it, so the kernel, the execute guard and row-level
security hold there as they do here; a write is refused by PostgreSQL itself.

Safe against lag without trust in clocks: the primary says how far its log is, and the replica is used only when it
has replayed so much. So a report shows everything that was committed before it was asked for, one's own writes
before all; a replica that lags, or is away, is no fault: the primary answers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections

from accounts.measures import REPORTS
from accounts.tenancy import current_programme_id, tenant_scope

log = logging.getLogger("releve.replica")
REPLICA = "replica"
WAIT_SECONDS = 0.25  # a replica beside us is a few milliseconds behind
REST_SECONDS = 10.0  # after one that did not answer
_resting_until = 0.0


class ReplicaIsACopy:
    """Django's router: nothing is ever migrated or written there by its own name."""

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == REPLICA else None


@contextmanager
def reports_from_replica() -> Iterator[bool]:
    """Read from the replica within the programme's scope; yields whether it does. Called in a scope, for reads only.

    What the caller wrote in a transaction that is still open is not there: write afterwards, or before and commit.
    """
    if REPLICA not in connections.settings or not _ready():
        REPORTS.labels("primary").inc()
        yield False
        return
    REPORTS.labels("replica").inc()
    programme_id = current_programme_id()
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[REPLICA]
    try:
        with tenant_scope(programme_id):
            yield True
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


def _ready() -> bool:
    """Whether the replica has everything that is committed at this moment, waiting a moment for it."""
    global _resting_until
    if time.monotonic() < _resting_until:
        return False
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            # of what is inserted, not of what is written out: with synchronous_commit off that comes later
            cursor.execute("SELECT pg_current_wal_insert_lsn()")
            (wanted,) = cursor.fetchone()
        return _replayed(wanted)
    except Error as error:
        log.warning("the replica does not answer: %s", type(error).__name__)
        connections[REPLICA].close()
        _resting_until = time.monotonic() + REST_SECONDS
        return False


def _replayed(wanted: str) -> bool:
    ends = time.monotonic() + WAIT_SECONDS
    with connections[REPLICA].cursor() as cursor:
        while True:
            # a replica that was promoted, or is none, replays nothing: NULL, and the primary answers
            cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [wanted])
            (there,) = cursor.fetchone()
            if there or there is None or time.monotonic() > ends:
                return bool(there)
            time.sleep(0.005)
