"""Day totals of archives: the hours added up by the database, and the totals written."""

# ruff: noqa: S608 - every name put into a statement is a constant of this package or of a model
from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection

from accounts.tenancy import current_programme_id
from readings.lers.model import RecordFlag
from readings.models import DayTotal
from readings.store.dialect import RECORD, distinct, postgres


def day_totals_write(rows: Iterable[tuple[int, int, int, int, int]]) -> None:
    """Upsert (register, day, quantity, seconds, status) of the programme in scope; an equal row is left alone."""
    programme = current_programme_id()
    columns = "programme_id, register_id, day, band, quantity, seconds, status"
    table = DayTotal._meta.db_table
    changed = " OR ".join(distinct(f"t.{c}", f"excluded.{c}") for c in ("quantity", "seconds", "status"))
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
    if not postgres():
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
        f"round({column}::text::numeric * 1000000)::bigint" if postgres() else f"releve_millionths({column})"
    )
    near = f"abs({column} * 1e6 - round({column} * 1e6)) < 0.4 AND abs({column}) < 1e8"
    return f"CASE WHEN {near} THEN CAST(round({column} * 1e6) AS bigint) ELSE {exact} END"


def _status(column: str, bit: int) -> str:
    return (
        f"CASE WHEN {column} IS NULL THEN 0 WHEN bad & {bit:d} <> 0 THEN 2 WHEN (calculated | interpolated) & "
        f"{bit:d} <> 0 OR flags & {int(RecordFlag.BY_TOTALS):d} <> 0 THEN 1 ELSE 0 END"
    )
