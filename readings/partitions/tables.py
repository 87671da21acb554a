"""The partitions of one table, in PostgreSQL's own words.

A partitioned table has one piece for everything `before` it was divided (the old table itself, attached without
copying a row), one a month, and `rest` for what the months made so far do not reach. All of them stand in a schema
of their own into which the portal's role may not look: row-level security of the whole does not hold for a piece that
is asked by its own name, so nobody but the owner can do that, and each piece has row-level security without a policy
besides.
"""

# ruff: noqa: S608 - every name put into a statement is a constant of this module or of a model
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from accounts.dbguard import guard_anew
from accounts.tenancy import APP_ROLE, TenantModel, unscoped
from readings.models import ArchiveRecord, Reading
from readings.partitions.months import begin, first_of, month_after, months_between

SCHEMA = "pieces"
LOCK_SECONDS = 3  # pages and batches that wait behind a waiting change stand still
BOUND = re.compile(r"FROM \((MINVALUE|'?-?\d+'?)\) TO \((MAXVALUE|'?-?\d+'?)\)")


@dataclass(frozen=True)
class Piece:
    """`[first, stop)` in epoch seconds; None is without end. `rest` has neither."""

    name: str
    first: int | None
    stop: int | None
    rest: bool = False


@dataclass(frozen=True)
class Divided:
    """A table that may be divided: by `column`, and which rows of one `owner` belong together."""

    model: type[TenantModel]
    column: str
    owner: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        return f"programme_id, {self.owner}, {self.column}"

    @property
    def before(self) -> str:
        return f"{SCHEMA}.{self.table}_before"

    @property
    def rest(self) -> str:
        return f"{SCHEMA}.{self.table}_rest"


def owns(one: Divided) -> bool:
    """Whether who is signed in may divide the table; the portal's own role may not."""
    return bool(
        asked("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", [one.table])
    )


DIVIDED = (Divided(Reading, "at", "register_id"), Divided(ArchiveRecord, "start", "series_id"))


def possible() -> bool:
    return bool(connection.vendor == "postgresql")


def is_divided(one: Divided) -> bool:
    return bool(
        asked(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass(%s) AND relkind = 'p')",
            [one.table],
        )
    )


def pieces(one: Divided) -> list[Piece]:
    """In the order of time, `rest` at the end."""
    with unscoped(reason="the pieces of a table"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.inhrelid::regclass::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
            "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
            [one.table],
        )
        found = [_piece(name, bound) for name, bound in cursor.fetchall()]
    return sorted(found, key=lambda piece: (piece.rest, piece.first is not None, piece.first or 0))


def _piece(name: str, bound: str) -> Piece:
    limits = BOUND.search(bound)
    if limits is None:
        return Piece(name, None, None, rest=True)
    first, stop = (None if text.endswith("VALUE") else int(text.strip("'")) for text in limits.groups())
    return Piece(name, first, stop)


def divide(one: Divided, *, now: int, ahead: int, since: date | None = None) -> None:
    """Make a table of pieces out of the whole one; its rows stay where they are, in the piece `before`.

    That piece ends with the month of `now`, or later where rows lie beyond; with `since` it ends there, which is
    refused where rows are younger. Checked without a lock; the exchange itself takes a moment.
    """
    (last,) = _row(f"SELECT max({one.column}) FROM {one.table}")
    cut = month_after(first_of(max(now, last or now)))
    if since is not None:
        if last is not None and last >= begin(since):
            raise ValueError(
                f"{one.table} holds rows of {first_of(last):%Y-%m}: it cannot begin anew in {since:%Y-%m}"
            )
        cut = since
    check = f"{one.table}_before_cut"
    with _patient() as run:  # validated beside those who write
        run(f"ALTER TABLE {one.table} ADD CONSTRAINT {check} CHECK ({one.column} < {begin(cut)}) NOT VALID")
    with _patient() as run:
        run(f"ALTER TABLE {one.table} VALIDATE CONSTRAINT {check}")
    with _patient() as run:
        run(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        run(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")
        run(f"LOCK TABLE {one.table} IN ACCESS EXCLUSIVE MODE")
        _move_aside(run, one)
        run(
            f"CREATE TABLE {one.table} (LIKE {one.before} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE, "
            f"CONSTRAINT {one.table}_pkey PRIMARY KEY ({one.key})) PARTITION BY RANGE ({one.column})"
        )
        run(f"ALTER TABLE {one.table} DROP CONSTRAINT {check}")
        run(
            f"ALTER TABLE {one.table} ATTACH PARTITION {one.before} FOR VALUES FROM (MINVALUE) TO ({begin(cut)})"
        )
        run(f"ALTER TABLE {one.before} DROP CONSTRAINT {check}")
        run(f"CREATE TABLE {one.rest} PARTITION OF {one.table} DEFAULT")
        _close(run, one.before)
        _close(run, one.rest)
        guard_anew(connection.cursor(), one.model)
    for month in months_between(cut, month_after(first_of(now), ahead + 1)):
        piece_make(one, month)


def _move_aside(run: Any, one: Divided) -> None:
    """The whole table becomes the piece `before`; what watches over it will watch over the whole of the pieces."""
    for (trigger,) in run(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [one.table]
    ):
        run(f'DROP TRIGGER "{trigger}" ON {one.table}')
    run(f"ALTER TABLE {one.table} SET SCHEMA {SCHEMA}")
    run(f"ALTER TABLE {SCHEMA}.{one.table} RENAME TO {one.table}_before")
    run(f"ALTER INDEX {SCHEMA}.{one.table}_pkey RENAME TO {one.table}_before_pkey")


def _close(run: Any, piece: str) -> None:
    run(f"REVOKE ALL ON {piece} FROM {APP_ROLE}, PUBLIC")
    run(f"ALTER TABLE {piece} ENABLE ROW LEVEL SECURITY")


def piece_make(one: Divided, month: date) -> bool:
    """The piece of a month, with what lies in `rest` for it; False where that month has a place already."""
    first = begin(month)
    for piece in pieces(one):
        covered = (
            not piece.rest and (piece.first or first) <= first and (piece.stop is None or piece.stop > first)
        )
        if covered and (piece.first is not None or piece.stop is not None):
            return False
    with _patient() as run:
        run(f"SELECT {one.table}_piece_make(%s)", [month])
    return True


def piece_empty(one: Divided, piece: Piece) -> int:
    """Forget a piece at the cost of none of its rows but the last of each owner, which stay in its place; how many stay.

    The index between the last reading before a month and the first in it is a straight line: without that last one
    the following month's first day would lose its beginning.
    """
    with _patient() as run:
        ((stay,),) = run(f"SELECT {one.table}_piece_empty(%s)", [piece.name.rpartition(".")[2]])
    return int(stay)


@contextmanager
def _patient() -> Iterator[Any]:
    """One transaction, which gives up rather than let everybody wait behind it: `run(sql, params)`."""
    with unscoped(reason="dividing a table into months"), transaction.atomic(), connection.cursor() as cursor:

        def run(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
            cursor.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []

        run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        run("SET LOCAL statement_timeout = 0")
        yield run


def _row(sql: str, params: Any = ()) -> tuple[Any, ...]:
    with unscoped(reason="dividing a table into months"), connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def asked(sql: str, params: Any = ()) -> Any:
    """The one value that a question gives."""
    return _row(sql, params)[0]
