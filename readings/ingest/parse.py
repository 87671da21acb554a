"""One file from disk into a spool, with the limits of the installation and the profile of its utility."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from readings.imports.profile import profile_for_reader
from readings.imports.units import InOurUnits
from readings.ingest.spool import Spool
from readings.lers.model import DEFAULT_LIMITS, FileSummary, RecordSink
from readings.lers.reader import read_archive
from readings.models import LersProfile

Progress = Callable[[int, int], None]


def parse(
    path: Path, *, spool: Spool, profile: LersProfile | None = None, progress: Progress | None = None
) -> FileSummary:
    """Raises `LersRefused`."""
    limits = replace(DEFAULT_LIMITS, packed=settings.UPLOAD_MAX_BYTES)
    sink: RecordSink = InOurUnits(spool, profile.units) if profile is not None and profile.units else spool
    return read_archive(
        path, sink=sink, profile=profile_for_reader(profile), limits=limits, progress=progress
    )
