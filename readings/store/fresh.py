"""Series that hold no record yet, filled without a stage: there is nothing to compare with.

For SQLite, where a stage costs as much as the table itself. PostgreSQL takes COPY into a stage only, and is quicker so.
"""

# ruff: noqa: S608 - every name put into the statement is a constant of this package or of a model
from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connection

from accounts.tenancy import current_programme_id
from readings.ingest.columns import DATA_COLUMNS
from readings.store.cells import Cell, cells_of
from readings.store.dialect import RECORD, postgres
from readings.store.outcomes import Count, Outcome, Placed

_TOGETHER = 16  # records in one statement: a fifth less time than one by one, and no more with more of them


def fresh_wanted(*, stored: bool) -> bool:
    """Whether `FreshRecords` is the way; `stored`: the series hold records."""
    return not (stored or postgres())


class FreshRecords:
    """The records of one import, written as they come."""

    def __init__(self, series_ids: Iterable[int]) -> None:
        self._series_ids = list(series_ids)
        self._spans: dict[tuple[int, int], tuple[int, int, int]] = {}

    def write(self, placed: Iterable[Placed], *, job_id: int) -> None:
        """`placed`: each series rising in time, and no record twice."""
        columns = ", ".join(DATA_COLUMNS)
        head = f"INSERT INTO {RECORD} (programme_id, import_job_id, series_id, start, {columns}) VALUES "
        record = f"({current_programme_id():d}, {job_id:d}, ?, ?, {', '.join('?' * len(DATA_COLUMNS))})"
        full = head + ", ".join([record] * _TOGETHER)
        # past Django's cursor, which would look at each statement; the programme stands in it as a number
        with connection.wrap_database_errors:
            for count, cells in self._bound(placed):
                sql = full if count == _TOGETHER else head + ", ".join([record] * count)
                connection.connection.execute(sql, cells)

    def _bound(self, placed: Iterable[Placed]) -> Iterator[tuple[int, list[Cell]]]:
        """Some records and their cells. What is counted stands beside the runs of one series, not at each record."""
        held, first, last, records = (0, 0), 0, 0, 0
        cells: list[Cell] = []
        waiting = 0
        for group, series, at, _line, _rank, data in placed:
            if (group, series) != held:
                self._count(held, records, first, last)
                held, first, records = (group, series), at, 0
            records += 1
            last = at
            cells += (series, at)
            cells += cells_of(data)
            waiting += 1
            if waiting == _TOGETHER:
                yield waiting, cells
                cells, waiting = [], 0
        self._count(held, records, first, last)
        if waiting:
            yield waiting, cells

    def take_back(self) -> None:
        """A savepoint would do so too, but it keeps a copy of each page meanwhile: half as long again."""
        wanted = ", ".join(f"{pk:d}" for pk in self._series_ids)
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {RECORD} WHERE programme_id = %s AND series_id IN ({wanted})",
                [current_programme_id()],
            )

    def _count(self, run: tuple[int, int], records: int, first: int, last: int) -> None:
        if records:
            known, since, _ = self._spans.get(run, (0, first, last))
            self._spans[run] = (known + records, since, last)

    def counts(self) -> list[Count]:
        return [
            Count(group, series, Outcome.NEW, *span) for (group, series), span in sorted(self._spans.items())
        ]
