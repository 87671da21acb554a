"""Data in (as received) and consumption out (as used)."""

from readings.models.archives import ArchiveKind, ArchiveRecord, ArchiveSeries, DeviceFault, ReplacedRecord
from readings.models.imports import ImportIssue, ImportJob
from readings.models.received import IngestBatch, ParkedReading, Reading, SupersededReading
from readings.models.totals import Calendar, CalendarCut, DayTotal, TotalStatus, TouchedSpan

__all__ = [
    "ArchiveKind",
    "ArchiveRecord",
    "ArchiveSeries",
    "Calendar",
    "CalendarCut",
    "DayTotal",
    "DeviceFault",
    "ImportIssue",
    "ImportJob",
    "IngestBatch",
    "ParkedReading",
    "Reading",
    "ReplacedRecord",
    "SupersededReading",
    "TotalStatus",
    "TouchedSpan",
]
