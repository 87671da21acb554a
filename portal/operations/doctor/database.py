"""The database: there, of this release, with the right time, and its walls between programmes up."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.tenancy import ALL_ROLE, APP_ROLE, tenant_models
from portal.operations.doctor import bad, good, odd
from readings.partitions.months import begin, first_of, month_after
from readings.partitions.tables import DIVIDED, asked, is_divided, pieces, possible

CLOCK_SECONDS = 2.0
SHOWN = 4
Found = Iterator[tuple[str, str]]
SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def _one(sql: str, *parameters: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[object, ...] = cursor.fetchone()
        return row


def reachable() -> Found:
    if connection.vendor == "sqlite":
        (mode,) = _one("PRAGMA journal_mode")
        (synchronous,) = _one("PRAGMA synchronous")
        if str(mode) != "wal":
            yield bad(
                f"SQLite runs in journal mode {mode}: start the portal by its own settings, which say WAL."
            )
        if synchronous != 2 and not connection.settings_dict["NAME"].endswith("test.sqlite3"):
            yield bad("SQLite's synchronous is not FULL: acknowledged readings are lost in a power cut.")
        (sound,) = _one("PRAGMA quick_check(1)")
        yield (
            good("SQLite.") if sound == "ok" else bad(f"The database is damaged ({sound}): restore a backup.")
        )
        return
    (number,) = _one("SELECT current_setting('server_version_num')::int")
    if int(str(number)) < 140000:
        yield bad("PostgreSQL is older than 14: bring it up to date.")
    for name, wanted in SAFE.items():
        (have,) = _one("SELECT current_setting(%s)", name)
        if have != wanted:
            yield bad(
                f"PostgreSQL's {name} is {have}: acknowledged readings are lost in a crash. Set it to {wanted}."
            )
    used, most = _one(
        "SELECT (SELECT count(*) FROM pg_stat_activity), current_setting('max_connections')::int"
    )
    if int(str(used)) > 0.8 * int(str(most)):
        yield odd(
            f"{used} of {most} connections are in use: put pgbouncer between, or raise max_connections."
        )
    yield good(f"PostgreSQL {int(str(number)) // 10000}, {used} of {most} connections in use.")


def migrations() -> Found:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield bad(f"{len(waiting)} migrations are not applied: run migrate.")
    unknown = (
        set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations) - _replaced(executor)
    )
    ours = {app for app, _name in executor.loader.disk_migrations}
    newer = sorted(f"{app}.{name}" for app, name in unknown if app in ours)
    if newer:
        yield odd(f"The database is of a newer release ({newer[-1]}): bring this one up to date.")
    if not waiting and not newer:
        yield good("All migrations are applied.")


def _replaced(executor: MigrationExecutor) -> set[tuple[str, str]]:
    return {key for squashed in executor.loader.replacements.values() for key in squashed.replaces}


def clock() -> Found:
    if connection.vendor == "sqlite":
        yield good("The database's clock is this machine's.")
        return
    before = time.time()
    (theirs,) = _one("SELECT extract(epoch FROM clock_timestamp())::float8")
    away = float(str(theirs)) - (before + time.time()) / 2
    if abs(away) > CLOCK_SECONDS:
        yield bad(f"The database's clock is {away:+.1f} s from this machine's: run a time service on both.")
    else:
        yield good(f"The database's clock is {away:+.2f} s from this machine's.")


def isolation() -> Found:
    """Row-level security on each programme's table, and roles for which it holds."""
    if connection.vendor == "sqlite":
        yield from _triggers()
        return
    tables = [model._meta.db_table for model in tenant_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, "
            "EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'every_programme') "
            "FROM pg_class c WHERE c.oid = ANY(SELECT to_regclass(name) FROM unnest(%s) AS name) AND c.relrowsecurity "
            "AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_programme')",
            [tables],
        )
        walled = dict(cursor.fetchall())
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN (%s, session_user)",
            [APP_ROLE],
        )
        roles = {name: (superuser, bypass) for name, superuser, bypass in cursor.fetchall()}
    open_tables = set(tables) - walled.keys()
    if open_tables:
        yield bad(f"No row-level security on {_some(open_tables)}: run migrate, which puts it back.")
    if APP_ROLE not in roles:
        yield bad(f"There is no role {APP_ROLE}: run migrate as a role that may make it.")
    for name, (superuser, bypass) in roles.items():
        if superuser or bypass:
            yield bad(
                f"Row-level security does not hold for {name}: ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS."
            )
    yield from _signed_in(blind={table for table, seen in walled.items() if not seen})
    if not open_tables:
        yield good(f"Row-level security on {len(tables)} tables.")


def _signed_in(*, blind: set[str]) -> Found:
    """Who serves must own no table, or a fault of the portal could take its walls down; and must see all programmes."""
    user, owned, member = _one(
        "SELECT session_user::text, (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND pg_has_role(session_user, c.relowner, 'MEMBER')), "
        "EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(session_user, oid, 'USAGE'))",
        ALL_ROLE,
    )
    if owned:
        # a machine by itself may serve as the owner; a production should not
        say = bad if settings.MODE == "production" else odd
        yield say(
            f"{user} owns the tables that it serves: make the two roles of docs/operations/roles.sql, "
            "and give DATABASE_URL of web, workers and beat the one that owns nothing."
        )
    elif not member:
        yield bad(f"{user} sees no programme in sweeps and figures: GRANT {ALL_ROLE} TO {user}.")
    elif blind:
        yield bad(f"Sweeps and figures see nothing of {_some(blind)}: run migrate as the owner.")


def months() -> Found:
    """Divided tables: a piece for what comes, and little in the one for what no month has room for."""
    for one in DIVIDED if possible() else ():
        if not is_divided(one):
            continue
        end = max(piece.stop or 0 for piece in pieces(one))
        coming = month_after(first_of(int(time.time())))
        if end <= begin(coming):
            yield bad(
                f"{one.table} has no piece for {coming:%Y-%m}: a worker of reports makes it each night; "
                "`manage.py jobs` says what came of the job `partitions`."
            )
        elif asked(f"SELECT EXISTS (SELECT 1 FROM {one.table} WHERE {one.column} >= {end})"):  # noqa: S608 - our own names
            yield odd(
                f"{one.table} holds rows of {first_of(end):%Y-%m} or later: a clock somewhere runs ahead."
            )
        else:
            yield good(f"{one.table} has a piece for each month until {first_of(end):%Y-%m}.")


def _some(names: set[str]) -> str:
    shown = sorted(names)[:SHOWN]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _triggers() -> Found:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        have = {row[0] for row in cursor.fetchall()}
    tables = {model._meta.db_table for model in tenant_models()}
    lacking = {table for table in tables if f"{table}_programme_update" not in have}
    if lacking:
        yield bad(f"No guard on {_some(lacking)}: run migrate, which puts it back.")
    else:
        yield good("Guards between programmes on every table.")
