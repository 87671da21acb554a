"""One file from disk into a spool, with the limits of the installation and the profile of its utility."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from readings.imports.profile import profile_for_reader
from readings.imports.units import FACTORS, InOurUnits, declared_units
from readings.ingest.spool import Spool
from readings.lers.model import DEFAULT_LIMITS, FileSummary, RecordSink
from readings.lers.reader import read_archive
from readings.models import LersProfile

Progress = Callable[[int, int], None]


def parse(
    path: Path, *, spool: Spool, profile: LersProfile | None = None, progress: Progress | None = None
) -> FileSummary:
    """Raises `LersRefused`.

    The unit that a file writes beside its values counts, and the profile's where it writes none. A file whose units
    are not the expected ones is read once more: they may stand behind the values.
    """
    limits = replace(DEFAULT_LIMITS, packed=settings.UPLOAD_MAX_BYTES)

    def read(units: Mapping[str, str]) -> FileSummary:
        sink: RecordSink = InOurUnits(spool, units) if units else spool
        return read_archive(
            path, sink=sink, profile=profile_for_reader(profile), limits=limits, progress=progress
        )

    expected: dict[str, str] = dict(profile.units) if profile is not None else {}
    summary = read(expected)
    told = declared_units(summary.units)
    if any(unit != _expected(name, expected) for name, unit in told.items()):
        spool.clear()
        summary = read({**expected, **told})
    return summary


def _expected(name: str, units: Mapping[str, str]) -> str:
    family = name.partition("_")[0]
    return units.get(family) or next(iter(FACTORS[family]))  # the kept one stands first
