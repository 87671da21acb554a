"""What becomes of each record of a file."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


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


# A record on its way: group, series, instant, then as texts its line and rank, and DATA_COLUMNS in the form of COPY
Placed = tuple[int, int, int, str, str, str]
