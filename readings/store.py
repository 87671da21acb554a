"""Bulk loading of archives: the one module of the import that speaks SQL dialect.

PostgreSQL refuses COPY into a table with row-level security, so rows are copied into a temporary stage and
inserted from there; SQLite fills the same stage with executemany. Everything after that is one SQL for both.
The caller holds the locks of the series and the transaction.
"""

# ruff: noqa: S608 - every name put into a statement is a constant of this module or of a model
from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
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
MOST_SPANS = 200  # series told one by one in a statement


class Outcome(IntEnum):
    NEW = 0
    SAME = 1  # already stored with the same content
    KEPT = 2  # stored with other content, which stays
    COMPLETED = 3  # stored, but with values missing that this file brings
    REPLACED = 4
    REPEATED = 5  # the file holds the same record twice
    LOST = 6  # the file holds two different records for one period: this one does not stand
    REVIVED = 7  # stored as an empty place
    PART = (
        8  # its values have been added to another row for the same period: a row a value, as databases export
    )
    CLOSED = 9  # would change a period that the utility has closed


OVERWRITING = {Outcome.COMPLETED, Outcome.REPLACED, Outcome.REVIVED}
CHANGED = (Outcome.NEW, Outcome.COMPLETED, Outcome.REPLACED, Outcome.REVIVED)


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


def _exact(column: str) -> str:
    """A column of the record for its history as JSON. SQLite writes floats with 15 digits there, and undoing needs 17."""
    if _postgres() or column not in VALUE_COLUMNS:
        return f"r.{column}"
    return f"CASE WHEN r.{column} IS NOT NULL THEN json(printf('%!.17g', r.{column})) END"


def _has_values(table: str) -> str:
    columns = ", ".join(f"{table}.{c}" for c in VALUE_COLUMNS)
    return f"(COALESCE({columns}) IS NOT NULL OR {table}.extra IS NOT NULL)"


def _rank(table: str) -> str:
    return (
        f"(CASE WHEN {table}.interpolated <> 0 THEN 2 "
        f"WHEN {table}.calculated <> 0 OR ({table}.flags & {int(RecordFlag.BY_TOTALS)}) <> 0 THEN 1 ELSE 0 END)"
    )


class _Lines:
    """A readable stream over generated lines, for COPY, which takes them in pieces of any size."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int = 0) -> str:
        return "".join(islice(self._lines, 256))


class ArchiveStage:
    """The records of one import, beside the table that they are bound for."""

    def __init__(self) -> None:
        self._outcomes: set[Outcome] = set()
        self._repeats = False
        self._met = ""

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

    def load(self, lines: Iterator[str]) -> None:
        """`lines` are in the text form of COPY, the columns of _KEYS and then of DATA_COLUMNS."""
        columns = ", ".join((*_KEYS, *DATA_COLUMNS))
        with connection.cursor() as cursor:
            if _postgres():
                cursor.copy_expert(f"COPY {STAGE} ({columns}) FROM STDIN", _Lines(lines))
                cursor.execute(f"ANALYZE {STAGE} (grp, series_id, start)")
            else:
                marks = ", ".join("?" * (len(_KEYS) + len(DATA_COLUMNS)))
                # past Django's cursor, which would ask for a list: a stage belongs to nobody's programme
                connection.connection.executemany(
                    f"INSERT INTO {STAGE} ({columns}) VALUES ({marks})", map(_cells, lines)
                )

    def settle(self, *, replace: bool, repeats: bool, stored: bool = True) -> None:
        """Decide what becomes of each record.

        `repeats`: the file may hold a period twice; `stored`: the table may hold records of these series.
        """
        self._repeats = repeats
        if repeats:
            self._settle_repeats()
        if not stored:
            return
        self._met = self._where_records_are() if _postgres() else "true"  # SQLite looks each one up
        filled = " OR ".join(f"(r.{c} IS NULL AND s.{c} IS NOT NULL)" for c in (*VALUE_COLUMNS, "extra"))
        self._join(
            f"UPDATE {STAGE} AS s SET outcome = CASE "
            f"WHEN NOT {_any_distinct('r', 's')} THEN {Outcome.SAME:d} "
            f"WHEN NOT {_has_values('r')} THEN {Outcome.REVIVED:d} "
            f"WHEN NOT {_has_values('s')} THEN {Outcome.KEPT:d} "
            f"WHEN %s OR {_rank('s')} < {_rank('r')} THEN {Outcome.REPLACED:d} "
            f"WHEN {filled} THEN {Outcome.COMPLETED:d} ELSE {Outcome.KEPT:d} END "
            f"FROM {RECORD} AS r WHERE r.programme_id = %s AND {self._met} AND r.series_id = s.series_id "
            f"AND r.start = s.start AND s.outcome = {Outcome.NEW:d}",
            [replace, current_programme_id()],
        )

    def _where_records_are(self) -> str:
        """The stored records that this file can meet, by series and time."""
        spans = self._all(f"SELECT series_id, min(start), max(start) FROM {STAGE} GROUP BY series_id")
        if len(spans) > MOST_SPANS:
            series = ", ".join(f"{pk:d}" for pk, _first, _last in spans)
            first, last = min(span[1] for span in spans), max(span[2] for span in spans)
            return f"(r.series_id IN ({series}) AND r.start BETWEEN {first:d} AND {last:d})"
        parts = (
            f"(r.series_id = {pk:d} AND r.start BETWEEN {first:d} AND {last:d})" for pk, first, last in spans
        )
        return f"({' OR '.join(parts) or 'false'})"

    def _join(self, sql: str, params: Iterable[Any]) -> int:
        """A statement that joins stage and records. Nobody has counted a table just filled: believing it empty,
        PostgreSQL would look through the whole stage for each record, which took hours. Hashing takes seconds."""
        if not _postgres():
            return self._run(sql, params)
        self._run("SET LOCAL enable_nestloop = off")
        rows = self._run(sql, params)
        self._run("SET LOCAL enable_nestloop = on")
        return rows

    def _settle_repeats(self) -> None:
        self._run(f"CREATE INDEX {STAGE}_key ON {STAGE} (series_id, start)")
        self._join_parts()
        self._run(
            f"UPDATE {STAGE} SET outcome = {Outcome.LOST:d} WHERE n IN (SELECT n FROM (SELECT n, row_number() "
            f"OVER (PARTITION BY series_id, start ORDER BY rank, n) AS place FROM {STAGE} "
            f"WHERE outcome = {Outcome.NEW:d}) AS p WHERE place > 1)"
        )
        self._run(
            f"UPDATE {STAGE} AS s SET outcome = {Outcome.REPEATED:d} FROM {STAGE} AS w "
            f"WHERE w.series_id = s.series_id AND w.start = s.start AND w.outcome = {Outcome.NEW:d} "
            f"AND s.outcome = {Outcome.LOST:d} AND NOT {_any_distinct('s', 'w')}"
        )

    def _join_parts(self) -> None:
        """Rows for one period of which none contradicts another, and each may bring what another lacks."""
        if not _postgres():
            connection.connection.create_aggregate("bit_or", 1, _BitOr)
        text = "extra::text" if _postgres() else "extra"
        agree = " AND ".join(f"(min({c}) IS NULL OR min({c}) = max({c}))" for c in (*VALUE_COLUMNS, text))
        lack = " OR ".join(f"(count({c}) BETWEEN 1 AND count(*) - 1)" for c in (*VALUE_COLUMNS, text))
        taken = [f"max({c}) AS {c}" for c in VALUE_COLUMNS] + [
            f"bit_or({c}) AS {c}" for c in ("flags", *MASKS)
        ]
        extra = "CAST(max(extra::text) AS jsonb)" if _postgres() else "max(extra)"
        parts = (
            f"(SELECT series_id, start, min(n) AS n, max(rank) AS rank, {', '.join(taken)}, {extra} AS extra "
            f"FROM {STAGE} GROUP BY series_id, start HAVING count(*) > 1 AND {agree} AND ({lack}))"
        )
        same = "s.series_id = m.series_id AND s.start = m.start"
        others = f"UPDATE {STAGE} AS s SET outcome = {Outcome.PART:d} FROM {parts} AS m WHERE {same} AND s.n <> m.n"
        if self._run(others):
            whole = ", ".join(f"{c} = m.{c}" for c in ("rank", *DATA_COLUMNS))
            self._run(f"UPDATE {STAGE} AS s SET {whole} FROM {parts} AS m WHERE s.n = m.n")

    def keep_out(self, series_ids: Iterable[int], first: int, stop: int) -> tuple[int, int] | None:
        """Leave what would replace stored values of [first, stop) of these series unwritten: (records, first line), None
        if nothing would. What was lacking there is taken: it changes no value that anybody was charged for."""
        wanted = ", ".join(f"{pk:d}" for pk in series_ids)
        held = f"series_id IN ({wanted}) AND start >= %s AND start < %s AND outcome = {Outcome.REPLACED:d}"
        ((records, line),) = self._all(f"SELECT count(*), min(line) FROM {STAGE} WHERE {held}", [first, stop])
        if not records:
            return None
        self._run(f"UPDATE {STAGE} SET outcome = {Outcome.CLOSED:d} WHERE {held}", [first, stop])
        return records, line

    def counts(self) -> list[Count]:
        rows = self._all(
            f"SELECT grp, series_id, outcome, count(*), min(start), max(start) FROM {STAGE} "
            "GROUP BY grp, series_id, outcome ORDER BY grp, series_id, outcome"
        )
        counts = [Count(g, s, Outcome(o), records, first, last) for g, s, o, records, first, last in rows]
        self._outcomes = {count.outcome for count in counts}
        return counts

    def lost(self, limit: int) -> list[tuple[int, int, int]]:
        """(line, group, start) of records that another one for the same period in the same file has beaten."""
        if not self._repeats:
            return []
        return self._all(
            f"SELECT line, grp, start FROM {STAGE} WHERE outcome = {Outcome.LOST:d} ORDER BY n LIMIT %s",
            [limit],
        )

    def write(self, *, job_id: int) -> None:
        """What was counted: `counts` has been asked before."""
        programme = current_programme_id()
        columns = ", ".join(DATA_COLUMNS)
        if self._outcomes & OVERWRITING:
            self._keep_history(job_id, programme)
        self._run(
            f"INSERT INTO {RECORD} (programme_id, series_id, start, {columns}, import_job_id) "
            f"SELECT %s, series_id, start, {columns}, %s FROM {STAGE} WHERE outcome = {Outcome.NEW:d}"
            + (" ORDER BY series_id, start" if self._repeats else ""),  # else they stand so already
            [programme, job_id],
        )
        if not self._outcomes & OVERWRITING:
            return
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
        self._join(
            f"UPDATE {RECORD} AS r SET {assignments}, import_job_id = %s FROM {STAGE} AS s "
            f"WHERE r.programme_id = %s AND {self._met} AND r.series_id = s.series_id AND r.start = s.start "
            f"AND s.outcome IN ({wanted})",
            [job_id, programme],
        )

    def _keep_history(self, job_id: int, programme: int) -> None:
        """What is about to be overwritten stays readable."""
        pairs = ", ".join(f"'{c}', {_exact(c)}" for c in DATA_COLUMNS if c != "extra")
        # an SQL function takes 100 arguments at most, and extra is JSON already
        built = f"jsonb_build_object({pairs}, 'extra', r.extra)" if _postgres() else (
            f"json_object({pairs}, 'extra', json(r.extra))"
        )  # fmt: skip
        self._join(
            f"INSERT INTO {ReplacedRecord._meta.db_table} "
            "(programme_id, series_id, start, record, import_job_id, replaced_by_id) "
            f"SELECT r.programme_id, r.series_id, r.start, {built}, r.import_job_id, %s "
            f"FROM {RECORD} AS r JOIN {STAGE} AS s ON s.series_id = r.series_id AND s.start = r.start "
            f"WHERE r.programme_id = %s AND {self._met} AND s.outcome IN ({Outcome.COMPLETED:d}, "
            f"{Outcome.REPLACED:d}, {Outcome.REVIVED:d})",
            [job_id, programme],
        )


class _BitOr:
    """What SQLite has no aggregate for."""

    def __init__(self) -> None:
        self.bits = 0

    def step(self, value: int | None) -> None:
        self.bits |= value or 0

    def finalize(self) -> int:
        return self.bits


def records_stored(series_ids: Iterable[int]) -> bool:
    """Whether any of these series holds a record already."""
    wanted = ", ".join(f"{pk:d}" for pk in series_ids) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {RECORD} WHERE programme_id = %s AND series_id IN ({wanted}) LIMIT 1",
            [current_programme_id()],
        )
        return cursor.fetchone() is not None


def _cells(line: str) -> list[Any]:
    cells: list[Any] = [None if cell == _NULL else cell for cell in line[:-1].split("\t")]
    if cells[-1] is not None:
        cells[-1] = cells[-1].replace("\\\\", "\\")
    return cells


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
    tuples = [
        f"({programme:d},{register:d},{day:d},0,{quantity:d},{seconds:d},{status:d})"
        for register, day, quantity, seconds, status in rows
    ]  # whole numbers stand in the text itself: binding them took longer than the insert
    with connection.cursor() as cursor:
        for at in range(0, len(tuples), 2000):
            batch = ",".join(tuples[at : at + 2000])
            cursor.execute(f"INSERT INTO {table} AS t ({columns}) VALUES {batch} {tail}")


def hours_by_day(
    series_id: int, start: int, stop: int, *, offset: int, values: Iterable[tuple[str, int]]
) -> list[tuple[int, ...]]:
    """Sums of the hour records in [start, stop), a row a local day: its number since 1970, then for each value

    how many hours have it, their sum in whole millionths (each rounded half up on its decimal digits first), and
    the worst status among them (0 measured, 1 estimated, 2 disputed). `offset`: seconds east of UTC, the same
    all the time; `values`: (column, its bit in the masks).
    """
    parts = ", ".join(
        f"count({column}), CAST(sum({_millionths(column)}) AS bigint), max({_status(column, bit)})"
        for column, bit in values
    )
    if not _postgres():
        connection.connection.create_function("releve_millionths", 1, _millionths_of, deterministic=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (start + {offset:d}) / 86400 AS day, {parts} FROM {RECORD} WHERE programme_id = %s "
            "AND series_id = %s AND start >= %s AND start < %s GROUP BY day",
            [current_programme_id(), series_id, start, stop],
        )
        return list(cursor.fetchall())


def exact_millionths(value: float) -> int:
    return int((Decimal(repr(value)) * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


def _millionths_of(value: float | None) -> int | None:
    return None if value is None else exact_millionths(value)


def _millionths(column: str) -> str:
    """Digits beyond the millionth are rare: only a value near the half is looked at by its decimal text."""
    exact = (
        f"round({column}::text::numeric * 1000000)::bigint" if _postgres() else f"releve_millionths({column})"
    )
    near = f"abs({column} * 1e6 - round({column} * 1e6)) < 0.4 AND abs({column}) < 1e8"
    return f"CASE WHEN {near} THEN CAST(round({column} * 1e6) AS bigint) ELSE {exact} END"


def _status(column: str, bit: int) -> str:
    return (
        f"CASE WHEN {column} IS NULL THEN 0 WHEN bad & {bit:d} <> 0 THEN 2 WHEN (calculated | interpolated) & "
        f"{bit:d} <> 0 OR flags & {int(RecordFlag.BY_TOTALS):d} <> 0 THEN 1 ELSE 0 END"
    )
