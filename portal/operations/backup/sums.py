"""The sum of a table: how many rows, and a number that every row's content adds to, in whatever order they stand."""

from __future__ import annotations

import sqlite3
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

Sums = dict[str, dict[str, Any]]  # {table: {"rows": 17, "sum": "…"}}
MASK = (1 << 64) - 1
# what turns a row into text must be the same on both machines
SAME_TEXT = ("TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'", "IntervalStyle = 'iso_8601'", "extra_float_digits = 1",
             "bytea_output = 'hex'")  # fmt: skip

ROWS_AND_SUM = (
    "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0)::text"
)


def postgres_sums(cursor: Any) -> Sums:
    """Inside the caller's transaction, whose snapshot decides what is seen."""
    for setting in SAME_TEXT:
        cursor.execute(f"SET LOCAL {setting}")
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
    )
    found: Sums = {}
    for (table,) in cursor.fetchall():
        cursor.execute(ROWS_AND_SUM + f' FROM "{table}" t')  # a name from the catalogue
        rows, total = cursor.fetchone()
        found[table] = {"rows": rows, "sum": total}
    return found


def sqlite_sums(path: Path) -> Sums:
    found: Sums = {}
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        )
        for (table,) in names.fetchall():
            rows = total = 0
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name from the catalogue
                rows += 1
                digest = md5(repr(row).encode(), usedforsecurity=False).digest()
                total = (total + int.from_bytes(digest[:8], "big")) & MASK
            found[table] = {"rows": rows, "sum": str(total)}
    finally:
        database.close()
    return found


def differences(wanted: Sums, have: Sums) -> list[str]:
    """One sentence a table that is not as it was."""
    found = []
    for table in sorted(wanted.keys() | have.keys()):
        before, after = wanted.get(table), have.get(table)
        if before is None or after is None:
            found.append(f"{table} is only {'in the backup' if after is None else 'here'}")
        elif before != after:
            found.append(f"{table} had {before['rows']} rows and has {after['rows']}, or other content")
    return found


def file_sum(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
