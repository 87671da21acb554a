"""Filling a table with millions of rows of the benchmark's own making, as the server's superuser."""

from __future__ import annotations

from typing import Any

import psycopg2

from benchmarks.house.house import House

KEYS = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE conrelid = %s::regclass AND contype IN ('p', 'u') ORDER BY contype, conname"
)
INDEXES = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
    "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass) ORDER BY indexname"
)


def fill(home: House, table: str, insert: str) -> None:
    """Run `insert` into an empty `table` without its keys, triggers and policies, then build the keys at once: a third
    of the time of keeping them row by row. What autovacuum would have done before anybody looks is done as well."""
    with owned(home) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        cursor.execute(KEYS, [table])
        keys = cursor.fetchall()
        cursor.execute(INDEXES, [table, table])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for name, _definition in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(insert)
        for name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _name, definition in indexes:
            cursor.execute(definition)
    connection = owned(home)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("ANALYZE")  # the estate that the rows belong to is as new as they are
    connection.close()


def owned(home: House) -> Any:
    """A connection of the server's superuser, who is nobody that the portal knows."""
    return psycopg2.connect(home.environment["DATABASE_URL"].replace("releve@", "postgres@", 1))
