"""What the LERS reader hands out: rows, series, issues, the summary and the refusal.

Everything here is plain data without Django. A row points at its `Series` instead of repeating the point,
the meter and the kind, because a file may name the point *after* its records: a series is complete only when
`read_archive` has returned. Spool `series.index` with the row and join afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntFlag
from typing import Literal, NamedTuple, Protocol

Kind = Literal["hour", "day", "month", "totals", "current"]
KINDS: tuple[Kind, ...] = ("hour", "day", "month", "totals", "current")


class RecordFlag(IntFlag):
    """Flags of a whole record: the low bits are the SDK's for consumption, the high ones our own for totals."""

    EXTERNAL = 1
    INCOMPLETE = 2
    BY_TOTALS = 8
    MISSING = 16
    HOUR_TOTALS = 256
    DAY_TOTALS = 512
    MONTH_TOTALS = 1024
    CURRENT_TOTALS = 2048
    TENANT_INPUT = 4096


@dataclass(slots=True)
class Series:
    """Records of one point, meter and kind, as one stretch of the file holds them.

    `index` counts from 0 in order of appearance. `point` is the number as written, or None if the file
    carries none. `system` is an SDK name (Heat, HotWater, …). `guessed` says that the kind came from the step
    between the stamps and not from the file. `rejected` counts records dropped whole (no usable stamp, or not
    one usable value); they are not in `records`. `in_order` says that stamps only rose, so none can be repeated.
    Two series may describe the same point and kind (two intervals); join them by their fields.
    """

    index: int
    point: str | None = None
    serial: str | None = None
    model: str | None = None
    system: str | None = None
    kind: Kind | None = None
    guessed: bool = False
    title: str | None = None
    records: int = 0
    rejected: int = 0
    device_errors: int = 0
    first: datetime | None = None
    last: datetime | None = None
    in_order: bool = True
    member: str | None = None


_NONE: frozenset[str] = frozenset()


class Marks(NamedTuple):
    """Per-value marks of one record, as sets of SDK parameter names."""

    bad: frozenset[str] = _NONE
    calculated: frozenset[str] = _NONE
    interpolated: frozenset[str] = _NONE
    reset: frozenset[str] = _NONE


NO_MARKS = Marks()


class ArchiveRow(NamedTuple):
    """One record.

    `start`: wall clock without zone, already the start of the period (the profile's `hour_stamp` is applied).
    `offset`: seconds east of UTC if the stamp carried one, else None; `start` is never shifted by it.
    `names`, `texts`: SDK parameter names and, in the same order, their numbers as the file's own digits with
    a decimal point, checked and safe to COPY. `values` makes of them name → float (hour, day, month, current)
    or Decimal (totals), anew at each call. A refused value is absent here and stands among the issues.
    `flags`: bits of `RecordFlag`. `line`: line of the record's start in the unpacked file, from 1.
    """

    series: Series
    start: datetime
    offset: int | None
    names: tuple[str, ...]
    texts: tuple[str, ...]
    flags: int
    marks: Marks
    line: int

    @property
    def values(self) -> dict[str, float | Decimal]:
        number = Decimal if self.series.kind == "totals" else float
        return dict(zip(self.names, map(number, self.texts), strict=True))

    @property
    def point(self) -> str | None:
        return self.series.point

    @property
    def serial(self) -> str | None:
        return self.series.serial

    @property
    def model(self) -> str | None:
        return self.series.model

    @property
    def system(self) -> str | None:
        return self.series.system

    @property
    def kind(self) -> Kind | None:
        return self.series.kind


class DeviceErrorRow(NamedTuple):
    """One entry of a meter's error archive. `code` is the meter's own; `duration` is in seconds."""

    series: Series
    start: datetime
    offset: int | None
    archive_type: str | None
    channel: str | None
    code: str | None
    description: str | None
    duration: float | None
    line: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that was not taken as it stood. `field` is the name as written in the file.

    Codes: bad_number, number_out_of_range, bad_time, time_out_of_range, missing_time, duplicate_field,
    end_of_day, ends_told, unknown_flag, unknown_mark, unknown_kind, unsupported_kind, numeric_parameter, placeholder_zero,
    ambiguous_point, kind_conflict, bad_field_count, no_known_value, likely_mojibake.
    """

    line: int
    series: Series | None
    field: str
    value: str
    code: str

    @property
    def point(self) -> str | None:
        return self.series.point if self.series else None


class PointFound(NamedTuple):
    """A metering point that the file names, with or without records."""

    number: str | None
    serial: str | None = None
    model: str | None = None
    system: str | None = None
    title: str | None = None
    address: str | None = None


@dataclass(slots=True)
class FileSummary:
    """What one file held. `issues` is cut at `Limits.issues`; `issues_total` counts all of them.

    `ignored` maps an unknown element, attribute or column to the number of times it was seen. `units` maps a
    parameter (or to Q, M, V, P for all of a family) the unit text that the file itself declares; the caller converts.
    `month_first`: dates with slashes were read day first, but the file shows that the month stands first.
    `ends`: kinds in which 24:00 stands, so that stamps are ends whatever the profile says. `decimal`: the mark
    that a number such as 1.234,5 shows. Of all three the caller reads the file once more.
    `hour_ends`: hours were read as stamped at their ends.
    `dialect`: elements | attributes | values | mixed | csv. `members`: names read from a zip, else empty.
    """

    dialect: str = ""
    encoding: str = ""
    packed_bytes: int = 0
    unpacked_bytes: int = 0
    records: int = 0
    values: int = 0
    device_errors: int = 0
    series: list[Series] = field(default_factory=list)
    points: list[PointFound] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    issues_total: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    month_first: bool = False
    ends: set[Kind] = field(default_factory=set)
    decimal: str = ""
    hour_ends: bool = False


class LersRefused(Exception):
    """The whole file is refused. `code` is ours, `line` counts from 1 (0: no line), `data` is safe to show.

    Codes: empty, too_large, bad_archive, nested_archive, encrypted_archive, unsafe_archive, encoding,
    bad_encoding, doctype, xinclude, broken_xml, limit, not_lers, no_records, source_error, soap_fault,
    electricity_80020, settings_file (data["points"]: tuple of PointFound, passwords never read),
    settings_beside (the same among the archives of a zip), workbook,
    too_many_records, too_many_series, mixed_units, ambiguous_date (data["found"]: a date that can be read two ways),
    workbook_inside, other_archive, old_workbook, open_document, document, pdf, picture, web_page.
    """

    def __init__(self, code: str, line: int = 0, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.data = data


class RecordSink(Protocol):
    """Where rows go, in batches of at most `Limits.batch`. The lists are the sink's to keep."""

    def rows(self, rows: list[ArchiveRow]) -> None: ...

    def device_errors(self, rows: list[DeviceErrorRow]) -> None: ...


@dataclass(slots=True)
class ListSink:
    """Keeps everything in memory: for tests, previews and small files."""

    records: list[ArchiveRow] = field(default_factory=list)
    errors: list[DeviceErrorRow] = field(default_factory=list)

    def rows(self, rows: list[ArchiveRow]) -> None:
        self.records += rows

    def device_errors(self, rows: list[DeviceErrorRow]) -> None:
        self.errors += rows


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Sizes in bytes; the ratio counts after the first unpacked megabyte."""

    packed: int = 64 * 1024 * 1024
    unpacked: int = 1024 * 1024 * 1024
    ratio: int = 200
    members: int = 100
    records: int = 2_000_000
    series: int = 50_000
    issues: int = 1_000
    depth: int = 32
    attributes: int = 128
    name: int = 128
    text: int = 4096
    elements_between: int = 200_000
    batch: int = 250  # a batch that stays in the processor's cache is read a tenth faster
    guess_rows: int = 4_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Profile:
    """How one sender writes: settable by an administrator, versioned by the caller.

    `hour_stamp`/`day_stamp`/`month_stamp`: whether a stamp is the start or the end of its period.
    `aliases`: extra names → SDK parameter. `parameter_ids`: bare numeric ids → SDK parameter, only if the
    sender's table is confirmed. `point_keys`, `time_keys`: further names, tried before the known ones.
    `decimal`: "any" or the one mark that counts. `date_order`: of 03/04/2026; "any": as the file's other dates show.
    """

    name: str = "default"
    version: int = 1
    hour_stamp: Literal["start", "end"] = "start"
    day_stamp: Literal["start", "end"] = "start"
    month_stamp: Literal["start", "end"] = "start"
    aliases: Mapping[str, str] = field(default_factory=dict)
    parameter_ids: Mapping[int, str] = field(default_factory=dict)
    point_keys: tuple[str, ...] = ()
    time_keys: tuple[str, ...] = ()
    decimal: Literal["any", ".", ","] = "any"
    date_order: Literal["any", "dmy", "mdy"] = "any"


DEFAULT_PROFILE = Profile()
