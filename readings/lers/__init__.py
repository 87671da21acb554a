"""Reading LERS archive files by vocabulary, without Django and without a database.

`read_archive(path, sink=…)` streams one file (XML, gz, zip or the supplier's CSV) into a sink and returns a
`FileSummary`; it raises `LersRefused` when nothing of the file may be used.
"""

from readings.lers.model import (
    DEFAULT_LIMITS,
    DEFAULT_PROFILE,
    KINDS,
    NO_MARKS,
    ArchiveRow,
    DeviceErrorRow,
    FileSummary,
    Issue,
    Kind,
    LersRefused,
    Limits,
    ListSink,
    Marks,
    PointFound,
    Profile,
    RecordFlag,
    RecordSink,
    Series,
)
from readings.lers.reader import read_archive

__all__ = [
    "DEFAULT_LIMITS",
    "DEFAULT_PROFILE",
    "KINDS",
    "NO_MARKS",
    "ArchiveRow",
    "DeviceErrorRow",
    "FileSummary",
    "Issue",
    "Kind",
    "LersRefused",
    "Limits",
    "ListSink",
    "Marks",
    "PointFound",
    "Profile",
    "RecordFlag",
    "RecordSink",
    "Series",
    "read_archive",
]
