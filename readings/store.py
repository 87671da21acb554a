"""Bulk loading of archives: the one module of the import that speaks SQL dialect.

PostgreSQL refuses COPY into a table with row-level security, so rows are copied into a temporary stage and
inserted from there; SQLite fills the same stage with executemany. Everything after that is one SQL for both.
The caller holds the locks of the series and the transaction.
"""

# ruff: noqa: S608 - every name put into a statement is a constant of this module or of a model
from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection

from accounts.tenancy import current_programme_id
from readings.ingest.columns import BIT, COLUMNS, DATA_COLUMNS, MASKS, VALUE_COLUMNS
from readings.lers.model import RecordFlag
from readings.models import ArchiveRecord, DayTotal, ReplacedRecord

STAGE = "archive_stage"
RECORD = ArchiveRecord._meta.db_table
_KEYS = ("n", "grp", "series_id", "start", "line", "rank")
_NULL = "\\N"


class Outcome(IntEnum):
    NEW = 0
    SAME = 1  # already stored with the same content
    KEPT = 2  # stored with other content, which stays
    COMPLETED = 3  # stored, but with values missing that this file brings
    REPLACED = 4
    REPEATED = 5  # the file holds the same record twice
    LOST = 6  # the file holds two different records for one period: this one does not stand
    REVIVED = 7  # stored as an empty place


CHANGED = (Outcome.NEW, Outcome.COMPLETED, Outcome.REPLACED, Outcome.REVIVED)


class StagedRow(NamedTuple):
    n: int
    group: int
    series_id: int
    start: int
    line: int
    rank: int
    data: str


class Count(NamedTuple):
    group: int
    series_id: int
    outcome: Outcome
    records: int
    first: int
    last: int


def _postgres() -> bool:
    return connection.vendor == "postgresql"


def _distinct(left: str, right: str) -> str:
    return f"{left} IS DISTINCT FROM {right}" if _postgres() else f"{left} IS NOT {right}"


def _any_distinct(left: str, right: str) -> str:
    return "(" + " OR ".join(_distinct(f"{left}.{c}", f"{right}.{c}") for c in DATA_COLUMNS) + ")"


def _has_values(table: str) -> str:
    columns = ", ".join(f"{table}.{c}" for c in VALUE_COLUMNS)
    return f"(COALESCE({columns}) IS NOT NULL OR {table}.extra IS NOT NULL)"


def _rank(table: str) -> str:
    return (
        f"(CASE WHEN {table}.interpolated <> 0 THEN 2 "
        f"WHEN {table}.calculated <> 0 OR ({table}.flags & {int(RecordFlag.BY_TOTALS)}) <> 0 THEN 1 ELSE 0 END)"
    )


class _Lines:
    """A readable stream over generated lines, for COPY."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._rest = ""

    def read(self, size: int = 65_536) -> str:
        parts = [self._rest]
        length = len(self._rest)
        for line in self._lines:
            parts.append(line)
            length += len(line)
            if length >= size:
                break
        text = "".join(parts)
        self._rest = text[size:]
        return text[:size]


class ArchiveStage:
    """The records of one import, beside the table that they are bound for."""

    def __init__(self) -> None:
        self._disordered = False

    def __enter__(self) -> ArchiveStage:
        integer, real = ("bigint", "double precision") if _postgres() else ("integer", "real")
        json = "jsonb" if _postgres() else "text"
        columns = [f"{key} {integer} NOT NULL" for key in _KEYS]
        columns += [f"{column} {real}" for column in VALUE_COLUMNS]
        columns += [f"{column} {integer} NOT NULL" for column in ("flags", *MASKS)]
        columns += [f"extra {json}", f"outcome {integer} NOT NULL DEFAULT 0"]
        self._run(f"CREATE TEMPORARY TABLE {STAGE} ({', '.join(columns)})")
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:  # otherwise the transaction is rolled back, and the stage with it
            self._run(f"DROP TABLE {STAGE}")

    def _run(self, sql: str, params: Iterable[Any] = ()) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            return int(cursor.rowcount)

    def _all(self, sql: str, params: Iterable[Any] = ()) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            return list(cursor.fetchall())

    def load(self, rows: Iterable[StagedRow]) -> None:
        columns = ", ".join((*_KEYS, *DATA_COLUMNS))
        watched = self._watched(rows)
        with connection.cursor() as cursor:
            if _postgres():
                lines = (
                    f"{r.n}\t{r.group}\t{r.series_id}\t{r.start}\t{r.line}\t{r.rank}\t{r.data}\n"
                    for r in watched
                )
                cursor.copy_expert(f"COPY {STAGE} ({columns}) FROM STDIN", _Lines(lines))
                cursor.execute(f"ANALYZE {STAGE}")
            else:
                marks = ", ".join(["%s"] * (len(_KEYS) + len(DATA_COLUMNS)))
                while batch := [_cells(row) for row in islice(watched, 2000)]:
                    cursor.executemany(f"INSERT INTO {STAGE} ({columns}) VALUES ({marks})", batch)

    def _watched(self, rows: Iterable[StagedRow]) -> Iterator[StagedRow]:
        """A file whose stamps only rise holds no period twice, and needs no search for it."""
        latest: dict[int, int] = {}
        for row in rows:
            if latest.get(row.series_id, row.start - 1) >= row.start:
                self._disordered = True
            latest[row.series_id] = row.start
            yield row

    def settle(self, *, replace: bool) -> None:
        """Decide what becomes of each record."""
        if self._disordered:
            self._settle_repeats()
        filled = " OR ".join(f"(r.{c} IS NULL AND s.{c} IS NOT NULL)" for c in (*VALUE_COLUMNS, "extra"))
        self._run(
            f"UPDATE {STAGE} AS s SET outcome = CASE "
            f"WHEN NOT {_any_distinct('r', 's')} THEN {Outcome.SAME:d} "
            f"WHEN NOT {_has_values('r')} THEN {Outcome.REVIVED:d} "
            f"WHEN NOT {_has_values('s')} THEN {Outcome.KEPT:d} "
            f"WHEN %s OR {_rank('s')} < {_rank('r')} THEN {Outcome.REPLACED:d} "
            f"WHEN {filled} THEN {Outcome.COMPLETED:d} ELSE {Outcome.KEPT:d} END "
            f"FROM {RECORD} AS r WHERE r.programme_id = %s AND r.series_id = s.series_id "
            f"AND r.start = s.start AND s.outcome = {Outcome.NEW:d}",
            [replace, current_programme_id()],
        )

    def _settle_repeats(self) -> None:
        self._run(f"CREATE INDEX {STAGE}_key ON {STAGE} (series_id, start)")
        self._run(
            f"UPDATE {STAGE} SET outcome = {Outcome.LOST:d} WHERE n IN (SELECT n FROM (SELECT n, row_number() "
            f"OVER (PARTITION BY series_id, start ORDER BY rank, n) AS place FROM {STAGE}) AS p WHERE place > 1)"
        )
        self._run(
            f"UPDATE {STAGE} AS s SET outcome = {Outcome.REPEATED:d} FROM {STAGE} AS w "
            f"WHERE w.series_id = s.series_id AND w.start = s.start AND w.outcome = {Outcome.NEW:d} "
            f"AND s.outcome = {Outcome.LOST:d} AND NOT {_any_distinct('s', 'w')}"
        )

    def counts(self) -> list[Count]:
        rows = self._all(
            f"SELECT grp, series_id, outcome, count(*), min(start), max(start) FROM {STAGE} "
            "GROUP BY grp, series_id, outcome ORDER BY grp, series_id, outcome"
        )
        return [Count(g, s, Outcome(o), records, first, last) for g, s, o, records, first, last in rows]

    def lost(self, limit: int) -> list[tuple[int, int, int]]:
        """(line, group, start) of records that another one for the same period in the same file has beaten."""
        return self._all(
            f"SELECT line, grp, start FROM {STAGE} WHERE outcome = {Outcome.LOST:d} ORDER BY n LIMIT %s",
            [limit],
        )

    def write(self, *, job_id: int) -> None:
        programme = current_programme_id()
        columns = ", ".join(DATA_COLUMNS)
        self._keep_history(job_id, programme)
        self._run(
            f"INSERT INTO {RECORD} (programme_id, series_id, start, {columns}, import_job_id) "
            f"SELECT %s, series_id, start, {columns}, %s FROM {STAGE} WHERE outcome = {Outcome.NEW:d} "
            "ORDER BY series_id, start",
            [programme, job_id],
        )
        taken = ", ".join(f"{c} = s.{c}" for c in DATA_COLUMNS)
        self._update(taken, (Outcome.REPLACED, Outcome.REVIVED), job_id, programme)
        added = [f"{c} = COALESCE(r.{c}, s.{c})" for c in (*VALUE_COLUMNS, "extra")]
        filled = " | ".join(
            f"(CASE WHEN r.{column} IS NULL AND s.{column} IS NOT NULL THEN {BIT[name]} ELSE 0 END)"
            for name, column in COLUMNS.items()
        )
        added += [f"{mask} = r.{mask} | (s.{mask} & ({filled}))" for mask in MASKS]
        self._update(", ".join(added), (Outcome.COMPLETED,), job_id, programme)

    def _update(self, assignments: str, outcomes: Iterable[Outcome], job_id: int, programme: int) -> None:
        wanted = ", ".join(str(int(outcome)) for outcome in outcomes)
        self._run(
            f"UPDATE {RECORD} AS r SET {assignments}, import_job_id = %s FROM {STAGE} AS s "
            "WHERE r.programme_id = %s AND r.series_id = s.series_id AND r.start = s.start "
            f"AND s.outcome IN ({wanted})",
            [job_id, programme],
        )

    def _keep_history(self, job_id: int, programme: int) -> None:
        """What is about to be overwritten stays readable."""
        pairs = ", ".join(f"'{c}', r.{c}" for c in DATA_COLUMNS if c != "extra")
        # an SQL function takes 100 arguments at most, and extra is JSON already
        built = f"jsonb_build_object({pairs}, 'extra', r.extra)" if _postgres() else (
            f"json_object({pairs}, 'extra', json(r.extra))"
        )  # fmt: skip
        self._run(
            f"INSERT INTO {ReplacedRecord._meta.db_table} "
            "(programme_id, series_id, start, record, import_job_id, replaced_by_id) "
            f"SELECT r.programme_id, r.series_id, r.start, {built}, r.import_job_id, %s "
            f"FROM {RECORD} AS r JOIN {STAGE} AS s ON s.series_id = r.series_id AND s.start = r.start "
            f"WHERE r.programme_id = %s AND s.outcome IN ({Outcome.COMPLETED:d}, {Outcome.REPLACED:d})",
            [job_id, programme],
        )


def _cells(row: StagedRow) -> list[Any]:
    cells: list[Any] = [None if cell == _NULL else cell for cell in row.data.split("\t")]
    if cells[-1] is not None:
        cells[-1] = cells[-1].replace("\\\\", "\\")
    return [row.n, row.group, row.series_id, row.start, row.line, row.rank, *cells]


def day_totals_write(rows: Iterable[tuple[int, int, int, int, int]]) -> None:
    """Upsert (register, day, quantity, seconds, status) of the programme in scope; an equal row is left alone."""
    programme = current_programme_id()
    columns = "programme_id, register_id, day, band, quantity, seconds, status"
    table = DayTotal._meta.db_table
    changed = " OR ".join(_distinct(f"t.{c}", f"excluded.{c}") for c in ("quantity", "seconds", "status"))
    tail = (
        "ON CONFLICT (programme_id, register_id, day, band) DO UPDATE SET quantity = excluded.quantity, "
        f"seconds = excluded.seconds, status = excluded.status WHERE {changed}"
    )
    values = [(programme, register, day, 0, quantity, seconds, status)
              for register, day, quantity, seconds, status in rows]  # fmt: skip
    with connection.cursor() as cursor:
        for at in range(0, len(values), 1000):
            batch = values[at : at + 1000]
            places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(batch))
            cursor.execute(
                f"INSERT INTO {table} AS t ({columns}) VALUES {places} {tail}",
                [cell for row in batch for cell in row],
            )
