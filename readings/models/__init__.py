"""Data in (as received) and consumption out (as used)."""

from readings.models.archives import ArchiveKind, ArchiveRecord, ArchiveSeries, DeviceFault, ReplacedRecord
from readings.models.desk import ArchivesParcel, DeskSettings, NumberApplication, UploadReminder
from readings.models.hints import Hint, HintSent
from readings.models.imports import (
    HandEntry,
    ImportIssue,
    ImportJob,
    LersProfile,
    ReadingBefore,
    TableMapping,
)
from readings.models.received import (
    IngestBatch,
    ParkedReading,
    RawTelegram,
    Reading,
    SupersededReading,
)
from readings.models.review import ReviewItem, ReviewLimit
from readings.models.sheets import BuildingMonth, MonthlySheet, SheetSettings
from readings.models.statements import Bill, PeriodClosing, PointTerms, StatementEntry, StatementImport
from readings.models.totals import BandsOf, Calendar, CalendarCut, DayTotal, TotalStatus, TouchedSpan

__all__ = [
    "ArchiveKind",
    "ArchiveRecord",
    "ArchiveSeries",
    "ArchivesParcel",
    "BandsOf",
    "Bill",
    "BuildingMonth",
    "Calendar",
    "CalendarCut",
    "DayTotal",
    "DeskSettings",
    "DeviceFault",
    "HandEntry",
    "Hint",
    "HintSent",
    "ImportIssue",
    "ImportJob",
    "IngestBatch",
    "LersProfile",
    "MonthlySheet",
    "NumberApplication",
    "ParkedReading",
    "PeriodClosing",
    "PointTerms",
    "RawTelegram",
    "Reading",
    "ReadingBefore",
    "ReplacedRecord",
    "ReviewItem",
    "ReviewLimit",
    "SheetSettings",
    "StatementEntry",
    "StatementImport",
    "SupersededReading",
    "TableMapping",
    "TotalStatus",
    "TouchedSpan",
    "UploadReminder",
]
