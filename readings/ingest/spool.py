"""What the parser found, on disk, before any row is written: a file that turns out broken stores nothing.

A line holds what does not depend on the programme (series, wall clock, values), already in the text form that
COPY reads, so that the second pass only puts keys in front. Memory stays flat whatever the file's size.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, NamedTuple

from readings.ingest.columns import BIT, COLUMNS, EXTRA_MARKS, MASKS, NAMES, mask_of
from readings.ingest.wallclock import wall_of
from readings.lers.model import NO_MARKS, ArchiveRow, DeviceErrorRow, Marks, RecordFlag

NULL = "\\N"
_PLAIN = "\t".join("0" for _ in MASKS)


class SpooledRow(NamedTuple):
    series: int
    wall: int
    offset: int | None
    line: int
    rank: int
    data: str  # the columns of DATA_COLUMNS, tab-separated


@dataclass(frozen=True)
class SpooledFault:
    series: int
    wall: int
    archive_type: str
    channel: str
    code: str
    description: str
    seconds: int | None
    line: int


def _number(value: float | Decimal) -> str:
    return repr(value) if isinstance(value, float) else format(value, "f")


def quality(flags: int, marks: Marks) -> int:
    """0 measured, 1 calculated, 2 interpolated: of two records for one period the lower stands."""
    if marks.interpolated:
        return 2
    return 1 if marks.calculated or flags & RecordFlag.BY_TOTALS else 0


def _extra(row: ArchiveRow) -> str:
    rare: dict[str, Any] = {
        name: float(value) for name, value in sorted(row.values.items()) if name not in COLUMNS
    }
    marks = {
        mask: sorted(name for name in names if name not in BIT)
        for mask, names in zip(MASKS, row.marks, strict=True)
    }
    if any(marks.values()):
        rare[EXTRA_MARKS] = {mask: names for mask, names in marks.items() if names}
    # the backslash is COPY's own escape
    return json.dumps(rare, sort_keys=True).replace("\\", "\\\\") if rare else NULL


class Spool:
    """A `RecordSink` on two temporary files, read back in the order of the source."""

    def __init__(self) -> None:
        self._rows = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by __exit__
        self._faults = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()
        self._faults.close()

    def rows(self, rows: list[ArchiveRow]) -> None:
        lines = []
        for row in rows:
            values = row.values
            known = [values.get(name) for name in NAMES]
            cells = "\t".join([NULL if value is None else _number(value) for value in known])
            marks = row.marks
            if marks is NO_MARKS:
                masks = _PLAIN
            else:
                masks = "\t".join(str(mask_of(names)) for names in marks)
            rare = len(values) > len(known) - known.count(None) or marks is not NO_MARKS
            extra = _extra(row) if rare else NULL
            offset = "" if row.offset is None else row.offset
            lines.append(
                f"{row.series.index}\t{wall_of(row.start)}\t{offset}\t{row.line}\t{quality(row.flags, marks)}"
                f"\t{cells}\t{int(row.flags)}\t{masks}\t{extra}\n"
            )
        self._rows.writelines(lines)

    def device_errors(self, rows: list[DeviceErrorRow]) -> None:
        for row in rows:
            fault = SpooledFault(
                series=row.series.index,
                wall=wall_of(row.start),
                archive_type=(row.archive_type or "")[:60],
                channel=(row.channel or "")[:20],
                code=(row.code or "")[:40],
                description=(row.description or "")[:300],
                seconds=None if row.duration is None else round(row.duration),
                line=row.line,
            )
            self._faults.write(json.dumps(asdict(fault)) + "\n")

    def read_rows(self) -> Iterator[SpooledRow]:
        self._rows.seek(0)
        for line in self._rows:
            series, wall, offset, number, rank, data = line[:-1].split("\t", 5)
            yield SpooledRow(
                int(series), int(wall), int(offset) if offset else None, int(number), int(rank), data
            )

    def read_faults(self) -> Iterator[SpooledFault]:
        self._faults.seek(0)
        for line in self._faults:
            yield SpooledFault(**json.loads(line))
