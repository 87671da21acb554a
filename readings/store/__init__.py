"""Bulk loading of archives: the one part of the import that speaks SQL dialect.

PostgreSQL refuses COPY into a table with row-level security, so rows are copied into a temporary stage and
inserted from there; SQLite fills the same stage with executemany. Everything after that is one SQL for both.
Series that hold nothing yet need no stage on SQLite (`fresh`).
The caller holds the locks of the series and the transaction.
"""

from readings.store.days import DaySums, DayWindow, day_totals_write, exact_millionths, hours_by_day
from readings.store.fresh import FreshRecords, fresh_wanted
from readings.store.outcomes import CHANGED, Count, Outcome, Placed
from readings.store.stage import RECORD, STAGE, ArchiveStage, records_stored

__all__ = [
    "CHANGED",
    "RECORD",
    "STAGE",
    "ArchiveStage",
    "Count",
    "DaySums",
    "DayWindow",
    "FreshRecords",
    "Outcome",
    "Placed",
    "day_totals_write",
    "exact_millionths",
    "fresh_wanted",
    "hours_by_day",
    "records_stored",
]
