"""The stage of an import: what becomes of each record, and the writing of those that are new or change others."""

# ruff: noqa: S608 - every name put into a statement is a constant of this package or of a model
from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection

from accounts.tenancy import current_programme_id
from readings.ingest.columns import BIT, COLUMNS, DATA_COLUMNS, MASKS, VALUE_COLUMNS
from readings.lers.model import RecordFlag
from readings.models import ReplacedRecord
from readings.store.cells import Cell, cells_of
from readings.store.dialect import RECORD, distinct, postgres
from readings.store.outcomes import OVERWRITING, Count, Outcome, Placed

STAGE = "archive_stage"
_KEYS = ("n", "grp", "series_id", "start", "line", "rank")
MOST_SPANS = 200  # series told one by one in a statement


def _any_distinct(left: str, right: str) -> str:
    return "(" + " OR ".join(distinct(f"{left}.{c}", f"{right}.{c}") for c in DATA_COLUMNS) + ")"


def _exact(column: str) -> str:
    """A column of the record for its history as JSON. SQLite writes floats with 15 digits there, and undoing needs 17."""
    if postgres() or column not in VALUE_COLUMNS:
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


@contextmanager
def _hashing() -> Iterator[None]:
    """For joins of stage and records. Nobody has counted a table just filled: believing it empty, PostgreSQL would
    look through the whole stage for each record, which took hours. Hashing takes seconds, and fewer where the stage
    of a large file has room: on disk it took half as long again."""
    if not postgres():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL work_mem TO DEFAULT")


class ArchiveStage:
    """The records of one import, beside the table that they are bound for."""

    def __init__(self) -> None:
        self._outcomes: set[Outcome] = set()
        self._repeats = False
        self._met = ""
        self._same: list[Count] = []

    def __enter__(self) -> ArchiveStage:
        integer, real = ("bigint", "double precision") if postgres() else ("integer", "real")
        json = "jsonb" if postgres() else "text"
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

    def load(self, placed: Iterable[Placed]) -> None:
        columns = ", ".join((*_KEYS, *DATA_COLUMNS))
        with connection.cursor() as cursor:
            if postgres():
                cursor.copy_expert(f"COPY {STAGE} ({columns}) FROM STDIN", _Lines(_copied(placed)))
                return
        marks = ", ".join("?" * (len(_KEYS) + len(DATA_COLUMNS)))
        # past Django's cursor, which would ask for a list: a stage belongs to nobody's programme
        with connection.wrap_database_errors:
            connection.connection.executemany(
                f"INSERT INTO {STAGE} ({columns}) VALUES ({marks})", _bound(placed)
            )

    def settle(self, *, replace: bool, repeats: bool, stored: bool = True) -> None:
        """Decide what becomes of each record.

        `repeats`: the file may hold a period twice; `stored`: the table may hold records of these series.
        """
        self._repeats = repeats
        if not (repeats or stored):  # nothing to compare with, so nothing to count for comparing
            return
        if postgres():
            self._run(f"ANALYZE {STAGE} (grp, series_id, start)")
        if repeats:
            self._settle_repeats()
        if not stored:
            return
        self._met = self._where_records_are() if postgres() else "true"  # SQLite looks each one up
        if postgres() and not self._some_left_of_the_same():
            return
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

    def _some_left_of_the_same(self) -> bool:
        """Take what is stored already out of the stage, counted. To mark it would write each wide row once more."""
        with _hashing():
            same = self._all(
                f"WITH same AS (DELETE FROM {STAGE} AS s USING {RECORD} AS r WHERE r.programme_id = %s AND {self._met} "
                f"AND r.series_id = s.series_id AND r.start = s.start AND s.outcome = {Outcome.NEW:d} "
                f"AND NOT {_any_distinct('r', 's')} RETURNING s.grp, s.series_id, s.start) "
                "SELECT grp, series_id, count(*), min(start), max(start) FROM same GROUP BY grp, series_id",
                [current_programme_id()],
            )
        self._same = [Count(g, s, Outcome.SAME, *counted) for g, s, *counted in same]
        return bool(self._all(f"SELECT 1 FROM {STAGE} WHERE outcome = {Outcome.NEW:d} LIMIT 1"))

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
        """A statement that joins stage and records."""
        with _hashing():
            return self._run(sql, params)

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
        if not postgres():
            connection.connection.create_aggregate("bit_or", 1, _BitOr)
        text = "extra::text" if postgres() else "extra"
        agree = " AND ".join(f"(min({c}) IS NULL OR min({c}) = max({c}))" for c in (*VALUE_COLUMNS, text))
        lack = " OR ".join(f"(count({c}) BETWEEN 1 AND count(*) - 1)" for c in (*VALUE_COLUMNS, text))
        taken = [f"max({c}) AS {c}" for c in VALUE_COLUMNS] + [
            f"bit_or({c}) AS {c}" for c in ("flags", *MASKS)
        ]
        extra = "CAST(max(extra::text) AS jsonb)" if postgres() else "max(extra)"
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
        counts = sorted([*counts, *self._same])
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
        built = f"jsonb_build_object({pairs}, 'extra', r.extra)" if postgres() else (
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


def _copied(placed: Iterable[Placed]) -> Iterator[str]:
    """Lines in the text form of COPY: _KEYS, then DATA_COLUMNS."""
    for n, (group, series, at, line, rank, data) in enumerate(placed):
        yield f"{n}\t{group}\t{series}\t{at}\t{line}\t{rank}\t{data}"


def _bound(placed: Iterable[Placed]) -> Iterator[tuple[Cell, ...]]:
    for n, (group, series, at, line, rank, data) in enumerate(placed):
        yield n, group, series, at, line, rank, *cells_of(data)
