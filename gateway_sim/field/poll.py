"""One poll: a meter's archives for a period, kept as one file. What was read is kept, what is missing is said."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gateway_sim.field.driver import Driver, make_driver, models
from gateway_sim.field.errors import (
    BadAnswer,
    DriverFailed,
    FieldError,
    FileFailed,
    NoAnswer,
    NotSupported,
    PasswordNeeded,
    PortFailed,
    Stopped,
    WrongMeter,
    WrongSettings,
)
from gateway_sim.field.intervals import expected, runs, span
from gateway_sim.field.journal import PollJournal
from gateway_sim.field.lers_file import Point, archive_bytes, file_name, write_whole
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, Record

CLOCK_TOLERANCE = timedelta(minutes=2)
FATAL = (Stopped, PortFailed, WrongMeter, WrongSettings, PasswordNeeded)
Progress = Callable[[Kind, int, int], None]
"""Of an archive: how many of its records have been read, of how many; 0 of 0 where that is not known."""


@dataclass(frozen=True)
class PollRequest:
    """`start` and `end` are local to the meter, half-open. `spare`: where the file goes if `folder` fails."""

    settings: MeterSettings
    point: Point
    kinds: tuple[Kind, ...]
    start: datetime
    end: datetime
    folder: Path
    spare: Path | None = None


@dataclass
class PollResult:
    """`missing`: by kind, the runs (first, last) of intervals that the file lacks. `error` ended the poll early."""

    identity: Identity | None = None
    clock: datetime | None = None
    clock_off: timedelta | None = None
    records: list[Record] = field(default_factory=list)
    missing: dict[Kind, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    not_supported: dict[Kind, str] = field(default_factory=dict)
    path: Path | None = None
    error: FieldError | None = None

    @property
    def complete(self) -> bool:
        """Everything asked for is in a file; nothing at all, of a period that has not begun, is not."""
        whole = not self.missing and not self.not_supported
        return self.error is None and whole and self.path is not None

    def count(self, kind: Kind) -> int:
        return sum(record.kind == kind and not record.missing for record in self.records)


def poll(
    request: PollRequest, line: Line, *, journal: PollJournal, now: datetime, progress: Progress | None = None
) -> PollResult:
    """Read, then write the file if there is anything to keep. Never raises `FieldError`: it is in the result."""
    result = PollResult()
    try:
        driver = make_driver(line, request.settings)
    except FieldError as error:
        result.error = error
        journal.fail_by(error)
        return result
    try:
        _introduce(driver, request, result, journal, now)
        for kind in request.kinds:
            _read_kind(driver, kind, request, result, journal, progress)
    except FieldError as error:
        result.error = error
        journal.fail_by(error)
    except Exception as error:  # noqa: BLE001 what has been read must not be lost to a fault of ours
        result.error = DriverFailed(f"{type(error).__name__}: {error}")
        journal.fail_by(result.error)
    _leave(driver, journal)
    if result.identity is not None:
        _look_for_gaps(request, result, now, journal)
        _keep(request, result, now, journal)
    return result


def _introduce(
    driver: Driver, request: PollRequest, result: PollResult, journal: PollJournal, now: datetime
) -> None:
    result.identity = identity = driver.identify()
    journal.say(
        "Found: {title}, serial number {serial}", title=f"{identity.title} {identity.firmware}".strip(),
        serial=identity.serial or journal.translate("not told"),
    )  # fmt: skip
    result.clock = driver.clock()
    if result.clock is None:
        return
    result.clock_off = result.clock - now
    journal.say("The meter’s clock: {clock}", clock=f"{result.clock:%Y-%m-%d %H:%M:%S}")
    if abs(result.clock_off) > CLOCK_TOLERANCE:
        journal.warn("The meter’s clock is off by {span}. It is left as it is.", span=span(result.clock_off))


def _read_kind(
    driver: Driver,
    kind: Kind,
    request: PollRequest,
    result: PollResult,
    journal: PollJournal,
    progress: Progress | None,
) -> None:
    """One archive. A fault ends this archive, not the poll, unless nothing can follow it."""
    total = len(expected(kind, request.start, _known_until(request, result)))
    what = journal.translate(kind)
    journal.say("Reading: {kind}", kind=what)
    done = 0
    if progress:
        progress(kind, 0, total)
    try:
        for record in _records(driver, kind, request):
            result.records.append(record)
            done += 1
            if progress:
                progress(kind, min(done, total) if total else done, total)
    except NotSupported as error:
        result.not_supported[kind] = str(error)
        journal.fail_by(error, f"{what}: ", kind="warned")
    except FATAL:
        raise
    except FieldError as error:
        result.error = error
        journal.fail_by(error, f"{what}: ")
        if isinstance(error, NoAnswer | BadAnswer) and not done:
            raise


def _records(driver: Driver, kind: Kind, request: PollRequest) -> Iterator[Record]:
    if kind == "current":
        return iter(driver.current())
    return driver.archive(kind, request.start, request.end)


def _leave(driver: Driver, journal: PollJournal) -> None:
    try:
        driver.close()
    except FieldError as error:
        journal.fail_by(error, kind="warned")


def _known_until(request: PollRequest, result: PollResult, now: datetime | None = None) -> datetime:
    """An hour that has not ended for the meter is not missing."""
    latest = result.clock or now
    return min(request.end, latest) if latest else request.end


def _look_for_gaps(request: PollRequest, result: PollResult, now: datetime, journal: PollJournal) -> None:
    for kind in request.kinds:
        if kind in result.not_supported:
            continue
        have = {record.at for record in result.records if record.kind == kind and not record.missing}
        gaps = [
            at for at in expected(kind, request.start, _known_until(request, result, now)) if at not in have
        ]
        if gaps:
            result.missing[kind] = runs(kind, gaps)
            for first, last in result.missing[kind]:
                journal.warn(
                    "missing, {kind}: {first} to {last}", kind=journal.translate(kind),
                    first=f"{first:%Y-%m-%d %H:%M}", last=f"{last:%Y-%m-%d %H:%M}",
                )  # fmt: skip


def writable(folder: Path) -> None:
    """Make the folder and try it, so that an hour of reading does not end before a closed door. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    trial = folder / f".trial-{os.getpid()}"
    trial.write_bytes(b"")
    trial.unlink()


def _keep(request: PollRequest, result: PollResult, now: datetime, journal: PollJournal) -> None:
    if not any(not record.missing for record in result.records):
        journal.warn("Nothing was read, so no file was written.")
        return
    identity = result.identity
    assert identity is not None
    kinds = {record.kind for record in result.records}
    name = file_name(request.point, kinds, request.start, request.end, created=now)
    code = models()[identity.model].code if identity.model in models() else 0
    content = archive_bytes(request.point, identity, code, result.records, created=now)
    for folder in (request.folder, request.spare):
        if folder is None:
            continue
        try:
            result.path = write_whole(folder / name, content)
        except OSError as error:
            journal.warn("The folder cannot be used: {reason}", reason=f"{folder}: {error.strerror or error}")
        else:
            journal.say("Written: {path}", path=result.path)
            return
    result.error = FileFailed()
    journal.fail_by(result.error)
