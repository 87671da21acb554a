"""What a file would change, group by group, with a few old and new values side by side: the heart of the preview.

Reads the stage and the table that it is bound for, between `ArchiveStage.settle` and `write`.
"""

# ruff: noqa: S608 - every name put into a statement is a constant of the store's
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from accounts.tenancy import current_programme_id
from readings.ingest.columns import COLUMNS, VALUE_COLUMNS
from readings.ingest.loading import Group
from readings.ingest.report import by_outcome
from readings.store import RECORD, STAGE, Count, Outcome

SHOWN = 5  # records a group
SHOWN_VALUES = 4  # of one record
_DIFFERENT = (Outcome.KEPT, Outcome.REPLACED, Outcome.COMPLETED)


def changes_of(groups: Iterable[Group], counts: list[Count]) -> list[dict[str, Any]]:
    """One entry a group that is stored: number, serial, kind, new, identical, different, completed and `samples`.

    `different` are records whose stored values differ (kept or replaced), `completed` those that gain values.
    A sample: {"start": ISO, "name": SDK name, "old": number or None, "new": number or None}.
    """
    found = []
    for group in groups:
        if group.refusal or not group.in_file:
            continue
        outcomes = by_outcome(counts, group)
        different = outcomes[Outcome.KEPT] + outcomes[Outcome.REPLACED]
        found.append(
            {
                "number": group.number,
                "serial": group.serial,
                "kind": group.kind,
                "new": outcomes[Outcome.NEW] + outcomes[Outcome.REVIVED],
                "identical": outcomes[Outcome.SAME] + outcomes[Outcome.REPEATED],
                "different": different,
                "completed": outcomes[Outcome.COMPLETED],
                "samples": _samples(group) if different or outcomes[Outcome.COMPLETED] else [],
            }
        )
    return found


def _samples(group: Group) -> list[dict[str, Any]]:
    columns = ", ".join(f"{table}.{column}" for table in ("r", "s") for column in VALUE_COLUMNS)
    wanted = ", ".join(str(int(outcome)) for outcome in _DIFFERENT)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.start, {columns} FROM {STAGE} AS s JOIN {RECORD} AS r "
            "ON r.programme_id = %s AND r.series_id = s.series_id AND r.start = s.start "
            f"WHERE s.grp = %s AND s.outcome IN ({wanted}) ORDER BY s.outcome, s.start LIMIT {SHOWN}",
            [current_programme_id(), group.index],
        )
        rows = cursor.fetchall()
    return [sample for row in rows for sample in _values(group, row)]


def _values(group: Group, row: tuple[Any, ...]) -> list[dict[str, Any]]:
    start, half = row[0], len(VALUE_COLUMNS)
    pairs = zip(COLUMNS, row[1 : half + 1], row[half + 1 :], strict=True)
    changed = [
        {"start": group.clock.iso(start), "name": name, "old": old, "new": new}
        for name, old, new in pairs
        if old != new
    ]
    return sorted(changed, key=lambda sample: _rank(sample["name"]))[:SHOWN_VALUES]


def _rank(name: str) -> int:
    """What is paid for first: heat, then water, then what explains them."""
    return next((rank for rank, family in enumerate(("Q_", "V_", "M_")) if name.startswith(family)), 3)
