"""Data in (as received) and consumption out (as used)."""

from readings.models.archives import ArchiveKind, ArchiveRecord, ArchiveSeries, DeviceFault, ReplacedRecord
from readings.models.hints import Hint, HintSent
from readings.models.imports import ImportIssue, ImportJob
from readings.models.received import IngestBatch, ParkedReading, Reading, SupersededReading
from readings.models.review import ReviewItem, ReviewLimit
from readings.models.sheets import BuildingMonth, MonthlySheet, SheetSettings
from readings.models.totals import Calendar, CalendarCut, DayTotal, TotalStatus, TouchedSpan

__all__ = [
    "ArchiveKind",
    "ArchiveRecord",
    "ArchiveSeries",
    "BuildingMonth",
    "Calendar",
    "CalendarCut",
    "DayTotal",
    "DeviceFault",
    "Hint",
    "HintSent",
    "ImportIssue",
    "ImportJob",
    "IngestBatch",
    "MonthlySheet",
    "ParkedReading",
    "Reading",
    "ReplacedRecord",
    "ReviewItem",
    "ReviewLimit",
    "SheetSettings",
    "SupersededReading",
    "TotalStatus",
    "TouchedSpan",
]
