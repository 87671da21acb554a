"""One database into a file and back, with its sums: PostgreSQL by its own tools, SQLite by its online copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from accounts.dbguard import install_guards, role_exists, roles_make
from accounts.tenancy import ALL_ROLE, unscoped
from portal.operations.backup.sums import Sums, postgres_sums, sqlite_sums
from readings.partitions import functions as piece_functions

JOBS = "2"


class BackupError(Exception):
    """One clear sentence: what stands in the way."""


def database_dump(target: Path) -> Sums:
    """Write the database to `target`; the sums of the very same moment."""
    if connection.vendor == "sqlite":
        source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)
        copy = sqlite3.connect(target)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()
        return sqlite_sums(target)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with unscoped(reason="a backup is of all programmes"):
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            _tool(
                "pg_dump",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot}",
                f"--file={target}",
            )
            return postgres_sums(cursor)


def database_load(source: Path) -> Sums:
    """Fill the empty database from `source`, put its walls up, and give the sums of what is there now."""
    if not database_is_empty():
        raise BackupError(
            "The database is not empty: a restore goes into a new one, and never over what is there."
        )
    if connection.vendor == "sqlite":
        target = Path(str(connection.settings_dict["NAME"]))
        connection.close()
        for rest in ("-wal", "-shm"):
            target.with_name(target.name + rest).unlink(missing_ok=True)
        shutil.copyfile(source, target)
        return sqlite_sums(target)
    with connection.cursor() as cursor:  # its walls name them
        roles_make(cursor)
        if not role_exists(cursor, ALL_ROLE):
            raise BackupError("The database's roles are not there: run docs/operations/roles.sql first.")
    _tool("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--jobs={JOBS}", str(source))
    install_guards()
    piece_functions.install()
    with transaction.atomic(), unscoped(reason="the sums of a restore"), connection.cursor() as cursor:
        return postgres_sums(cursor)


def database_is_empty() -> bool:
    with unscoped(reason="looking whether there is anything"):
        return not connection.introspection.table_names()


def _tool(name: str, *arguments: str) -> None:
    """One of PostgreSQL's programs, on this database. The password goes by the environment, never by the command."""
    places = [
        shutil.which(name),
        *sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), reverse=True),
    ]
    program = next((place for place in places if place), None)
    if program is None:
        raise BackupError(f"{name} is not installed: install postgresql-client of the server's version.")
    said, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *said[1:-1], f"--dbname={said[-1]}", *arguments]
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(
            f"{name} failed: {done.stderr.strip().splitlines()[-1][:300] if done.stderr else done.returncode}"
        )
