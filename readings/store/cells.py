"""The texts of a record as SQLite takes them.

A number becomes the nearest double here: SQLite's own reading of "0.439987" may be the next one beside it, and then the
two databases would not hold the same value.
"""

from __future__ import annotations

from readings.ingest.columns import STATE_COLUMNS

NULL = "\\N"
Cell = str | float | int | None
_NOTHING_SAID = "\t0" * (len(STATE_COLUMNS) - 1) + f"\t{NULL}\n"  # how nearly every record ends
_CUT = -len(_NOTHING_SAID)
_PLAIN = (*(0 for _ in STATE_COLUMNS[1:]), None)


def cells_of(data: str) -> tuple[Cell, ...]:
    """DATA_COLUMNS of a line of the spool. A value that is absent is NaN, which SQLite stores as NULL."""
    if data.endswith(_NOTHING_SAID):
        return *map(float, data[:_CUT].replace(NULL, "nan").split("\t")), *_PLAIN
    values, *masks, extra = data[:-1].rsplit("\t", len(STATE_COLUMNS))
    rare = None if extra == NULL else extra.replace("\\\\", "\\")  # the backslash is COPY's own escape
    return *map(float, values.replace(NULL, "nan").split("\t")), *map(int, masks), rare
