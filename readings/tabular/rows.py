"""Rows of a table as index readings, or as issues with line, field, value and code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.tables.reading import Row
from readings.batches.body import index_fault
from readings.ingest.wallclock import WallClock, point_zone
from readings.tabular.cells import BadCell, in_steps, in_unit, instant_of, number_of
from readings.tabular.mapping import Mapping
from readings.tabular.places import Counter, Places
from servers.models import MeteringPoint

FUTURE = 3600  # seconds that a clock may be ahead


@dataclass(frozen=True)
class TableReading:
    """One understood row."""

    line: int
    point: MeteringPoint
    counter: Counter
    at: int
    value: int


@dataclass
class Understood:
    """Of a whole table, or of its first rows: readings in its order, and what could not be taken."""

    readings: list[TableReading] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    rows: int = 0


def understand(
    rows: Iterable[Row], names: Sequence[str], mapping: Mapping, places: Places, now: datetime
) -> Understood:
    found = Understood()
    for item in rows_read(rows, names, mapping, places, now):
        found.rows += 1
        if isinstance(item, TableReading):
            found.readings.append(item)
        else:
            found.issues.append(item)
    return found


def rows_read(
    rows: Iterable[Row], names: Sequence[str], mapping: Mapping, places: Places, now: datetime
) -> Iterator[TableReading | dict[str, Any]]:
    columns = mapping.places(names)
    for row in rows:
        cells = {role: row[place] for role, place in columns.items()}
        reader = _Reader(cells, row.line, mapping, places, int(now.astimezone(UTC).timestamp()))
        try:
            yield reader.reading()
        except BadCell as bad:
            yield {
                "line": row.line, "point": cells.get("point", "")[:40],
                "field": getattr(mapping, reader.role) or reader.role,
                "value": cells.get(reader.role, "")[:120], "code": bad.code,
            }  # fmt: skip


class _Reader:
    """One row; `role` is the column that is being read, so that a failure names it."""

    def __init__(self, cells: dict[str, str], line: int, mapping: Mapping, places: Places, now: int) -> None:
        self._cells, self._line, self._mapping, self._places, self._now = cells, line, mapping, places, now
        self.role = "point"

    def reading(self) -> TableReading:
        point = self._places.point(self._cells.get("point", "").strip())
        self.role = "time"
        zone = ZoneInfo(self._mapping.zone) if self._mapping.zone else point_zone(point)
        at = instant_of(self._cells.get("time", ""), zone)
        if at > self._now + FUTURE:
            raise BadCell("future")
        if self._places.closed(point, WallClock(zone).day_of(at)):
            raise BadCell("period_closed")
        self.role = "register" if "register" in self._cells else "point"
        unit = self._cells.get("unit", "") or self._mapping.fixed_unit
        counter = self._places.counter(point, self._cells.get("register", ""), at, unit)
        self.role = "value"
        number = number_of(self._cells.get("value", ""), self._mapping.decimal)
        self.role = "unit" if "unit" in self._cells else "value"
        number = in_unit(number, unit, counter.unit)
        self.role = "value"
        value = in_steps(number, counter.exponent)
        if fault := index_fault(value, cumulative=True, span=counter.span):
            raise BadCell(fault)
        return TableReading(self._line, point, counter, at, value)
