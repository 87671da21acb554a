"""What the parser found, on disk, before any row is written: a file that turns out broken stores nothing.

A line holds what does not depend on the programme (series, wall clock, values), already in the text form that
COPY reads, so that the second pass only puts keys in front. Memory stays flat whatever the file's size.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from operator import itemgetter
from types import TracebackType
from typing import Any

from readings.ingest.columns import BIT, COLUMNS, EXTRA_MARKS, MASKS, NAMES, mask_of
from readings.ingest.wallclock import EPOCH, wall_of
from readings.lers.model import NO_MARKS, ArchiveRow, DeviceErrorRow, Marks, RecordFlag

NULL = "\\N"
_BY_TOTALS = int(RecordFlag.BY_TOTALS)
TAB = "\t".join
_PLAIN = "\t".join("0" for _ in MASKS)
_MEASURED = f"0\t{_PLAIN}\t{NULL}"  # no flags, no marks, nothing rare: nearly every record


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


def quality(flags: int, marks: Marks) -> int:
    """0 measured, 1 calculated, 2 interpolated: of two records for one period the lower stands."""
    if marks.interpolated:
        return 2
    return 1 if marks.calculated or flags & _BY_TOTALS else 0


def _extra(row: ArchiveRow) -> str:
    rare: dict[str, Any] = {
        name: float(text) for name, text in zip(row.names, row.texts, strict=True) if name not in COLUMNS
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

        self._layouts: dict[tuple[str, ...], tuple[Callable[[tuple[str, ...]], tuple[str, ...]], bool]] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()
        self._faults.close()

    def clear(self) -> None:
        """Begin anew, for a file that has to be read twice."""
        for file in (self._rows, self._faults):
            file.seek(0)
            file.truncate()

    def _layout(self, names: tuple[str, ...]) -> tuple[Callable[[tuple[str, ...]], tuple[str, ...]], bool]:
        """How the texts of rows with these names fall into columns; an absent one takes the NULL at the end."""
        if len(self._layouts) > 500:
            self._layouts.clear()
        places = {name: at for at, name in enumerate(names)}
        layout = itemgetter(*(places.get(name, -1) for name in NAMES)), not places.keys() <= COLUMNS.keys()
        self._layouts[names] = layout
        return layout

    def rows(self, rows: list[ArchiveRow]) -> None:
        lines = []
        held: tuple[str, ...] | None = None
        cells, rare = self._layout(())
        for row in rows:
            series, start, told, names, texts, flags, marks, line = row
            if names is not held:
                held = names
                cells, rare = self._layouts.get(names) or self._layout(names)
            span = start - EPOCH
            wall = span.days * 86_400 + span.seconds
            data = TAB(cells((*texts, NULL)))
            zone = "" if told is None else told
            if marks is NO_MARKS and not flags and not rare:
                lines.append(f"{series.index}\t{wall}\t{zone}\t{line}\t0\t{data}\t{_MEASURED}\n")
                continue
            masks = _PLAIN if marks is NO_MARKS else "\t".join(str(mask_of(names)) for names in marks)
            extra = _extra(row) if rare or marks is not NO_MARKS else NULL
            rank = quality(flags, marks)
            lines.append(
                f"{series.index}\t{wall}\t{zone}\t{line}\t{rank}\t{data}\t{int(flags)}\t{masks}\t{extra}\n"
            )
        self._rows.write("".join(lines))  # in one piece: the file's own work is done once for all of them

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

    def read_lines(self) -> Iterator[str]:
        """series, wall, offset ("" if the stamp had none), line, rank, then DATA_COLUMNS; tab-separated."""
        self._rows.seek(0)
        return iter(self._rows)

    def read_faults(self) -> Iterator[SpooledFault]:
        self._faults.seek(0)
        for line in self._faults:
            yield SpooledFault(**json.loads(line))
