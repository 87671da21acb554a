"""From parsed records to batches for the sink: series, kinds told from the step, issues, counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from readings.lers.model import (
    ArchiveRow,
    DeviceErrorRow,
    FileSummary,
    Issue,
    Kind,
    LersRefused,
    Limits,
    Marks,
    PointFound,
    Profile,
    RecordSink,
    Series,
)
from readings.lers.stamps import DateOrder, last_second
from readings.lers.units import parts_of_hour, same_unit

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_WEEK = timedelta(days=7)
_DURATION = "NormalOperationDuration"
Waiting = tuple[datetime, int | None, dict[str, str], int, Marks, int]


class Collector:
    """Takes what the XML and the CSV reader find. Texts of numbers arrive checked, with a decimal point."""

    def __init__(self, sink: RecordSink, profile: Profile, limits: Limits) -> None:
        self.sink = sink
        self.profile = profile
        self.limits = limits
        self.summary = FileSummary(hour_ends=profile.hour_stamp == "end")
        self.dates = DateOrder(profile.date_order)
        self.member: str | None = None
        self.batch: list[ArchiveRow] = []
        self.device_batch: list[DeviceErrorRow] = []
        self.twins: dict[int, Series] = {}  # the days of a series that mixes hours and days
        self._waiting: dict[int, list[Waiting]] = {}
        self._ends: dict[Kind, bool] = {
            "hour": profile.hour_stamp == "end",
            "day": profile.day_stamp == "end",
            "month": profile.month_stamp == "end",
        }

    # -- series ------------------------------------------------------------------------------------------
    def series(self, kind: Kind | None, guessed: bool = False) -> Series:
        every = self.summary.series
        if len(every) >= self.limits.series:
            raise LersRefused("too_many_series")
        series = Series(len(every), kind=kind, guessed=guessed, member=self.member)
        every.append(series)
        if kind is None:
            self._waiting[series.index] = []
        return series

    def known_kind(self, series: Series, kind: Kind, guessed: bool = False) -> None:
        """The kind turned up after the records; rows that still wait follow it."""
        if series.kind is not None:
            return
        series.kind, series.guessed = kind, guessed
        for row in self._waiting.pop(series.index, ()):
            self._emit(series, *row)

    def ends(self, series: Series | None) -> bool:
        """Whether a stamp of this series is the end of its period; an instant is the end of what came before it."""
        kind = series.kind if series is not None else None
        return kind in ("totals", "current") or self._ends[kind or "hour"]

    def shifts(self, kind: Kind | None) -> bool:
        return kind is not None and self._ends.get(kind, False)

    # -- records -----------------------------------------------------------------------------------------
    def add(
        self,
        series: Series,
        stamp: datetime,
        offset: int | None,
        texts: dict[str, str],
        flags: int,
        marks: Marks,
        line: int,
    ) -> None:
        self.count(1, len(texts))
        if series.kind is None:
            waiting = self._waiting[series.index]
            waiting.append((stamp, offset, texts, flags, marks, line))
            if len(waiting) >= self.limits.guess_rows:
                self.guess(series)
        else:
            row = (stamp, offset, texts, flags, marks, line)
            twin = self.twins.get(series.index)
            self._emit(twin if twin and self._sure_kind(row) == "day" else series, *row)

    def count(self, records: int, values: int) -> None:
        summary = self.summary
        summary.records += records
        summary.values += values
        if summary.records > self.limits.records:
            raise LersRefused("too_many_records")

    def _emit(
        self,
        series: Series,
        stamp: datetime,
        offset: int | None,
        texts: dict[str, str],
        flags: int,
        marks: Marks,
        line: int,
    ) -> None:
        if last_second(stamp) and series.kind in self._ends:
            stamp = self.shifted(series.kind, stamp + _SECOND)
        elif self.shifts(series.kind):
            stamp = self.shifted(series.kind, stamp)
        self.seen(series, stamp)
        row = ArchiveRow(series, stamp, offset, tuple(texts), tuple(texts.values()), flags, marks, line)
        self.batch.append(row)
        if len(self.batch) >= self.limits.batch:
            self.flush()

    @staticmethod
    def seen(series: Series, stamp: datetime) -> None:
        series.records += 1
        if series.last is None or series.first is None:
            series.first = series.last = stamp
        elif stamp > series.last:
            series.last = stamp
        else:
            series.in_order = False
            if stamp < series.first:
                series.first = stamp

    @staticmethod
    def shifted(kind: Kind | None, stamp: datetime) -> datetime:
        """The start of a period whose end is stamped."""
        if kind == "hour":
            return stamp - _HOUR
        if kind == "month":
            return stamp.replace(day=1) if stamp.day > 2 else (stamp.replace(day=1) - _DAY).replace(day=1)
        return stamp - _DAY

    @staticmethod
    def end_of(kind: Kind | None, stamp: datetime) -> datetime:
        """The stamp of the end of a period whose start is known: what `shifted` undoes."""
        if kind == "hour":
            return stamp + _HOUR
        return (stamp.replace(day=1) + 32 * _DAY).replace(day=1) if kind == "month" else stamp + _DAY

    def add_device_error(self, row: DeviceErrorRow) -> None:
        self.count(1, 0)
        self.summary.records -= 1
        self.summary.device_errors += 1
        row.series.device_errors += 1
        if self.summary.device_errors > self.limits.records:
            raise LersRefused("too_many_records")
        self.device_batch.append(row)
        if len(self.device_batch) >= self.limits.batch:
            self.flush()

    def flush(self) -> None:
        if self.batch:
            self.sink.rows(self.batch)
            self.batch = []
        if self.device_batch:
            self.sink.device_errors(self.device_batch)
            self.device_batch = []

    # -- kinds told from the step ------------------------------------------------------------------------
    def guess(self, series: Series) -> None:
        """Decide the kind of rows that wait, from their step; a mixture of hours and days is told apart."""
        waiting = self._waiting.get(series.index)
        if not waiting:
            return
        sure = [self._sure_kind(row) for row in waiting]
        clocks = {row[0].time() for row in waiting}
        if "hour" in sure and "day" in sure and len(clocks) > 1:
            self._split(series, waiting, sure)
            return
        self.known_kind(series, _kind_by_step(waiting, sure), guessed=True)

    def _sure_kind(self, row: Waiting) -> Kind | None:
        """By how long the meter worked in the period; a unit that the file tells may make that minutes."""
        stamp, _, texts, _, _, _ = row
        worked = float(texts.get(_DURATION, "0")) / parts_of_hour(self.summary.units.get(_DURATION, ""))
        if worked > 1.05:
            return "day" if worked <= 25.05 else "month" if worked <= 750 else "totals"
        return "hour" if stamp.minute == 0 and stamp.hour != 0 and worked > 0 else None

    def _split(self, series: Series, waiting: list[Waiting], sure: list[Kind | None]) -> None:
        other = self.twins[series.index] = self.series("day", guessed=True)
        for name in ("point", "serial", "model", "system", "title"):
            setattr(other, name, getattr(series, name))
        days = [row for row, kind in zip(waiting, sure, strict=True) if kind == "day"]
        waiting[:] = [row for row, kind in zip(waiting, sure, strict=True) if kind != "day"]
        self.known_kind(series, "hour", guessed=True)
        for row in days:
            self._emit(other, *row)

    def finish(self) -> None:
        for series in list(self.summary.series):
            if series.kind is None:
                self.guess(series)
        self.flush()

    # -- what goes into the report -----------------------------------------------------------------------
    def issue(self, line: int, series: Series | None, field: str, value: str, code: str) -> None:
        self.summary.issues_total += 1
        if len(self.summary.issues) < self.limits.issues:
            self.summary.issues.append(Issue(line, series, _shown(field), _shown(value), code))

    def ignore(self, name: str) -> None:
        ignored = self.summary.ignored
        local = _shown(name.rpartition("}")[2])
        if local in ignored or len(ignored) < 500:
            ignored[local] = ignored.get(local, 0) + 1

    def unit(self, parameter: str, text: str, line: int) -> None:
        """The unit that the file itself writes beside a value; one parameter in two units cannot be told apart."""
        held = self.summary.units.setdefault(parameter, text)
        if held != text and parameter[:2] != "T_" and not same_unit(held, text):
            raise LersRefused("mixed_units", line, found=_shown(text))

    def point(self, found: PointFound) -> None:
        points = self.summary.points
        if len(points) < self.limits.series and (len(points) > 2_000 or found not in points):
            points.append(found)


def _shown(text: str) -> str:
    """At most 100 characters without controls: a report must not carry a file's tricks."""
    return "".join(c if c.isprintable() else "�" for c in text[:100])


def _kind_by_step(waiting: list[Waiting], sure: list[Kind | None]) -> Kind:
    stamps = sorted({row[0] for row in waiting})
    step = min((b - a for a, b in pairwise(stamps)), default=None)
    if "totals" in sure:
        return "totals"
    if "month" in sure and (step is None or step > _WEEK):  # else what it worked stands in minutes
        return "month"
    if step is None:
        if "day" in sure:
            return "day"
        return (
            "day" if stamps[0].hour == 0 and "hour" not in sure and _DURATION not in waiting[0][2] else "hour"
        )
    if step < _DAY - _HOUR:
        return "hour"
    return "month" if step >= timedelta(days=27) and len({s.day for s in stamps}) == 1 else "day"
