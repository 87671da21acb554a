"""One file from disk into a spool, with the limits of the installation and the profile of its utility."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from readings.imports.profile import profile_for_reader
from readings.imports.units import ALL_FACTORS, InOurUnits, declared_units, family_of
from readings.ingest.spool import Spool
from readings.ingest.workbook import as_archive
from readings.lers.model import DEFAULT_LIMITS, FileSummary, Issue, Profile, RecordSink
from readings.lers.reader import read_archive
from readings.models import LersProfile

Progress = Callable[[int, int], None]


def parse(
    path: Path, *, spool: Spool, profile: LersProfile | None = None, progress: Progress | None = None
) -> FileSummary:
    """Raises `LersRefused`.

    The unit that a file writes beside its values counts, and the profile's where it writes none. A file whose units,
    order of dates or hours that end at 24:00 are not the expected ones is read once more: they may stand behind the
    values.
    """
    limits = replace(DEFAULT_LIMITS, packed=settings.UPLOAD_MAX_BYTES)

    def read(path: Path, units: Mapping[str, str], reading: Profile) -> FileSummary:
        sink: RecordSink = InOurUnits(spool, units) if units else spool
        return read_archive(path, sink=sink, profile=reading, limits=limits, progress=progress)

    expected: dict[str, str] = dict(profile.units) if profile is not None else {}
    reading = profile_for_reader(profile)
    with as_archive(path) as (archive, workbook):
        if workbook:  # its numbers have a point whatever mark the sender's texts have
            reading = replace(reading, decimal="any")
        summary = read(archive, expected, reading)
        told = declared_units(summary.units)
        otherwise = _otherwise(summary, reading, workbook)
        if otherwise != reading or any(unit != _expected(name, expected) for name, unit in told.items()):
            spool.clear()
            ends = summary.ends
            summary = read(archive, {**expected, **told}, otherwise)
            if ends:  # whoever sends the file has to see that the profile was not followed
                summary.issues.insert(0, Issue(0, None, "", "24:00", "ends_told"))
                summary.issues_total += 1
    return summary


def _otherwise(summary: FileSummary, reading: Profile, workbook: bool) -> Profile:
    """The profile as the file itself shows that it has to be."""
    stamps: dict[str, Any] = {
        f"{kind}_stamp": "end" for kind in summary.ends if kind in ("hour", "day", "month")
    }
    if summary.decimal and reading.decimal == "any" and not workbook:
        stamps["decimal"] = summary.decimal
    if summary.month_first:
        stamps["date_order"] = "mdy"
    return replace(reading, **stamps)


def _expected(name: str, units: Mapping[str, str]) -> str:
    family = family_of(name)
    return units.get(family) or next(iter(ALL_FACTORS[family]))  # the kept one stands first
