"""Day totals of archives: the records added up by the database, and the totals written."""

# ruff: noqa: S608 - every name put into a statement is a constant of this package or of a model
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounts.tenancy import current_programme_id
from readings.lers.model import RecordFlag
from readings.models import DayTotal
from readings.store.dialect import RECORD, distinct, postgres

_COLUMNS = "programme_id, register_id, day, band, quantity, seconds, status"
_TOTALS = DayTotal._meta.db_table
_SUMS = "archive_days"
_MAY = "WITH o(register_id, n, k, first, stop) AS (VALUES {rows})"


def _upsert() -> str:
    """An equal row is left alone."""
    changed = " OR ".join(distinct(f"t.{c}", f"excluded.{c}") for c in ("quantity", "seconds", "status"))
    return (
        "ON CONFLICT (programme_id, register_id, day, band) DO UPDATE SET quantity = excluded.quantity, "
        f"seconds = excluded.seconds, status = excluded.status WHERE {changed}"
    )


def day_totals_write(rows: Iterable[tuple[int, int, int, int, int]]) -> None:
    """Upsert (register, day, quantity, seconds, status) of the programme in scope."""
    programme = current_programme_id()
    tuples = [
        f"({programme:d},{register:d},{day:d},0,{quantity:d},{seconds:d},{status:d})"
        for register, day, quantity, seconds, status in rows
    ]  # whole numbers stand in the text itself: binding them took longer than the insert
    with connection.cursor() as cursor:
        for at in range(0, len(tuples), 2000):
            batch = ",".join(tuples[at : at + 2000])
            cursor.execute(f"INSERT INTO {_TOTALS} AS t ({_COLUMNS}) VALUES {batch} {_upsert()}")


class DayWindow(NamedTuple):
    """Plain days of one meter's archive: [first, stop) in epoch seconds, `offset` seconds east of UTC throughout.

    `whole`: how many records make up a day of it, 24 hours or 1 day record.
    """

    series_id: int
    first: int
    stop: int
    offset: int
    installation_id: int
    whole: int

    def days(self) -> tuple[int, int]:
        """[first, end) as days since 1970."""
        return (self.first + self.offset) // 86_400, (self.stop + self.offset) // 86_400


class DaySums:
    """The records of many windows added up by day, beside the table of totals: in a few statements, however many."""

    def __init__(
        self, windows: Sequence[DayWindow], values: Sequence[tuple[str, int]], *, first_day: int
    ) -> None:
        """`values`: (column, its bit in the masks); `first_day`: the number that 1 January 1970 has in the totals."""
        self._windows, self._values, self._first_day = windows, values, first_day

    def __enter__(self) -> DaySums:
        rows = ",".join(
            f"({n},{w.series_id:d},{w.first:d},{w.stop:d},{w.offset:d},{w.whole:d})"
            for n, w in enumerate(self._windows)
        )
        sums = ", ".join(
            f"{records} AS records{k}, {quantity} AS quantity{k}, {status} AS status{k}"
            for k, (records, quantity, status) in enumerate(_aggregates(self._values))
        )
        # each window is looked up by the table's key, which PostgreSQL would not believe of a table just filled
        _nested(True)
        _run(
            f"CREATE TEMPORARY TABLE {_SUMS} AS WITH w(n, series_id, first, stop, east, whole) AS (VALUES {rows}) "
            f"SELECT w.n, w.whole, (r.start + w.east) / 86400 AS day, {sums} FROM w CROSS JOIN {RECORD} AS r "
            f"WHERE r.programme_id = {current_programme_id():d} AND r.series_id = w.series_id "
            "AND r.start >= w.first AND r.start < w.stop GROUP BY w.n, w.whole, (r.start + w.east) / 86400"
        )
        _nested(False)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:  # otherwise the transaction is rolled back, and the table with it
            _run(f"DROP TABLE {_SUMS}")

    def whole(self) -> list[tuple[int, int]]:
        """(window, value), by their places, that have a day with all its records."""
        return self._where("=")

    def crowded(self) -> set[int]:
        """Windows, by their places, with a day of more records than make it up: which one stands is not told here."""
        return {n for n, _value in self._where(">")}

    def _where(self, compared: str) -> list[tuple[int, int]]:
        found = ", ".join(
            f"max(CASE WHEN records{k} {compared} whole THEN 1 END)" for k in range(len(self._values))
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT n, {found} FROM {_SUMS} GROUP BY n ORDER BY n")
            return [(n, k) for n, *has in cursor.fetchall() for k, one in enumerate(has) if one]

    def write(self, into: Mapping[tuple[int, int], int], before: Mapping[int, Collection[int]]) -> None:
        """The totals of the windows' days, and no others.

        `into`: (window, value) → register; `before`: window → all registers that may hold totals of its days.
        """
        stored = self._stored(into, before)
        if stored:
            self._drop_stale(stored)
        if not into:
            return
        pairs = ",".join(f"({n},{k},{register:d})" for (n, k), register in into.items())
        quantity, status, records = (self._of(name, "m.k") for name in ("quantity", "status", "records"))
        _run(
            f"INSERT INTO {_TOTALS} AS t ({_COLUMNS}) SELECT {current_programme_id():d}, m.register_id, "
            f"d.day + {self._first_day:d}, 0, {quantity}, 86400, {status} FROM {_SUMS} AS d "
            f"JOIN (WITH m(n, k, register_id) AS (VALUES {pairs}) SELECT * FROM m) AS m ON m.n = d.n "
            f"WHERE {records} = d.whole ORDER BY m.register_id, d.day {_upsert() if stored else ''}"
        )

    def _of(self, name: str, k: str) -> str:
        """What stands in the sums for the value with that place."""
        return (
            f"CASE {k} " + " ".join(f"WHEN {n} THEN d.{name}{n}" for n in range(len(self._values))) + " END"
        )

    def _stored(self, into: Mapping[tuple[int, int], int], before: Mapping[int, Collection[int]]) -> str:
        """Where totals may stand: rows (register, window, value or -1, first day, end); empty if none does."""
        counting = {(n, register): k for (n, k), register in into.items()}
        rows = ",".join(
            f"({register:d},{n},{counting.get((n, register), -1)},"
            f"{first + self._first_day:d},{end + self._first_day:d})"
            for n, (first, end) in enumerate(window.days() for window in self._windows)
            for register in before.get(n, ())
        )
        if not rows:
            return ""
        with connection.cursor() as cursor:
            cursor.execute(f"{_MAY.format(rows=rows)} SELECT 1 {self._met()} LIMIT 1")
            return rows if cursor.fetchone() else ""

    @staticmethod
    def _met() -> str:
        return (
            f"FROM o CROSS JOIN {_TOTALS} AS t WHERE t.programme_id = {current_programme_id():d} "
            "AND t.register_id = o.register_id AND t.day >= o.first AND t.day < o.stop"
        )

    def _drop_stale(self, stored: str) -> None:
        """A total whose records no longer carry it goes; the records themselves stay."""
        _run(f"CREATE INDEX {_SUMS}_key ON {_SUMS} (n, day)")
        _nested(True)
        _run(
            f"DELETE FROM {_TOTALS} WHERE programme_id = {current_programme_id():d} AND (register_id, day) IN "
            f"({_MAY.format(rows=stored)} SELECT t.register_id, t.day {self._met()} AND NOT EXISTS "
            f"(SELECT 1 FROM {_SUMS} AS d WHERE d.n = o.n AND d.day = t.day - {self._first_day:d} "
            f"AND {self._of('records', 'o.k')} = d.whole))"
        )
        _nested(False)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _nested(on: bool) -> None:
    if postgres():
        _run("; ".join(f"SET LOCAL enable_{way}join = {'off' if on else 'on'}" for way in ("hash", "merge")))


def hours_by_day(
    series_id: int, start: int, stop: int, *, offset: int, values: Iterable[tuple[str, int]]
) -> list[tuple[int, ...]]:
    """Sums of the hour records in [start, stop), a row a local day: its number since 1970, then for each value

    how many hours have it, their sum in whole millionths (each rounded half up on its decimal digits first), and
    the worst status among them (0 measured, 1 estimated, 2 disputed). `offset`: seconds east of UTC, the same
    all the time; `values`: (column, its bit in the masks).
    """
    parts = ", ".join(", ".join(aggregates) for aggregates in _aggregates(values))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (start + {offset:d}) / 86400 AS day, {parts} FROM {RECORD} WHERE programme_id = %s "
            "AND series_id = %s AND start >= %s AND start < %s GROUP BY day",
            [current_programme_id(), series_id, start, stop],
        )
        return list(cursor.fetchall())


def _aggregates(values: Iterable[tuple[str, int]]) -> list[tuple[str, str, str]]:
    """(records, quantity, status) of each value, as `hours_by_day` tells them."""
    if not postgres():
        connection.connection.create_function("releve_millionths", 1, _millionths_of, deterministic=True)
    return [
        (f"count({column})", f"CAST(sum({_millionths(column)}) AS bigint)", f"max({_status(column, bit)})")
        for column, bit in values
    ]


def exact_millionths(value: float) -> int:
    return int((Decimal(repr(value)) * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


def _millionths_of(value: float | None) -> int | None:
    return None if value is None else exact_millionths(value)


def _millionths(column: str) -> str:
    """Digits beyond the millionth are rare: only a value near the half is looked at by its decimal text."""
    exact = (
        f"round({column}::text::numeric * 1000000)::bigint" if postgres() else f"releve_millionths({column})"
    )
    near = f"abs({column} * 1e6 - round({column} * 1e6)) < 0.4 AND abs({column}) < 1e8"
    return f"CASE WHEN {near} THEN CAST(round({column} * 1e6) AS bigint) ELSE {exact} END"


def _status(column: str, bit: int) -> str:
    return (
        f"CASE WHEN {column} IS NULL THEN 0 WHEN bad & {bit:d} <> 0 THEN 2 WHEN (calculated | interpolated) & "
        f"{bit:d} <> 0 OR flags & {int(RecordFlag.BY_TOTALS):d} <> 0 THEN 1 ELSE 0 END"
    )
