"""The databases of portal/settings.py: SQLite of one machine, PostgreSQL with its patience, and a replica for reports.

On PostgreSQL nothing waits for ever: a statement, a lock and an idle transaction each have an end, short for pages
and batches (the gateway comes again, the visitor sees 503), long for workers (the job is tried again). Where pgbouncer
stands between, `ignore_startup_parameters = options` and `ALTER ROLE … SET` take the place of these options.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

REPLICA = "replica"


@dataclass(frozen=True)
class Patience:
    """Seconds until PostgreSQL gives up a statement, a wait for a lock, a transaction that does nothing; 0 is never."""

    statement: float
    lock: float
    idle: float

    def options(self) -> str:
        return " ".join(
            f"-c {name}={round(seconds * 1000)}"
            for name, seconds in (
                ("statement_timeout", self.statement),
                ("lock_timeout", self.lock),
                # a slow upload is read inside its request's transaction
                ("idle_in_transaction_session_timeout", self.idle),
            )
        )


WEB = Patience(statement=15, lock=3, idle=300)
WORKER = Patience(statement=600, lock=120, idle=600)
MIGRATING = Patience(statement=0, lock=3, idle=0)  # pages that wait behind a waiting migration stand still
COMMAND = Patience(statement=0, lock=0, idle=0)  # somebody watches it


def patience_of(*, worker: bool, testing: bool, argv: list[str]) -> Patience:
    """Who this process is, by how it was started: a worker, a command of manage.py, else the web server."""
    if testing:
        return COMMAND
    if worker:
        return WORKER
    if Path(argv[0]).name == "manage.py":
        return MIGRATING if "migrate" in argv[1:2] else COMMAND
    return WEB


def databases(env: Any, *, var_dir: Path, testing: bool, worker: bool) -> dict[str, dict[str, Any]]:
    """DATABASES, from DATABASE_URL and, for reports, REPLICA_URL (accounts/replica.py)."""
    with warnings.catch_warnings():  # that of the library quotes the password
        warnings.simplefilter("ignore")
        main = env.db("DATABASE_URL", default=f"sqlite:///{var_dir / 'releve.sqlite3'}")
    if "ENGINE" not in main:
        raise ImproperlyConfigured(
            "DATABASE_URL is no address of a database: postgres://user:password@host/name"
        )
    main["ATOMIC_REQUESTS"] = False  # on SQLite it would stall every page behind one writer
    if main["ENGINE"] == "django.db.backends.sqlite3":
        return {"default": _sqlite(main, var_dir=var_dir, testing=testing)}
    usual = patience_of(worker=worker, testing=testing, argv=sys.argv)
    patience = Patience(
        statement=env.float("DATABASE_STATEMENT_SECONDS", default=usual.statement),
        lock=env.float("DATABASE_LOCK_SECONDS", default=usual.lock),
        idle=env.float("DATABASE_IDLE_SECONDS", default=usual.idle),
    )
    found = {"default": _postgresql(env, main, patience)}
    if env.str("REPLICA_URL", default=""):
        found[REPLICA] = _postgresql(env, env.db_url("REPLICA_URL"), patience)
        found[REPLICA]["TEST"] = {"MIRROR": "default"}
    return found


def _sqlite(main: dict[str, Any], *, var_dir: Path, testing: bool) -> dict[str, Any]:
    main["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # FULL: an acknowledged reading survives a power cut (NORMAL lost 6 % of them when it was measured)
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
    if testing:  # a file, as in real life (several connections, WAL), but a power cut may have it
        main["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
        main["TEST"] = {"NAME": str(var_dir / "test.sqlite3")}
    return main


def _postgresql(env: Any, database: dict[str, Any], patience: Patience) -> dict[str, Any]:
    options = database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 5)
    options["options"] = f"{patience.options()} {options.get('options', '')}".strip()
    database["DISABLE_SERVER_SIDE_CURSORS"] = True  # so that pgbouncer may pool by transaction
    database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    # a database that came back is used by the very next request
    database["CONN_HEALTH_CHECKS"] = True
    return database
