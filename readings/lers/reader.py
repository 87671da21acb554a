"""The front door: unpack, tell XML from CSV, and read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from readings.lers.model import DEFAULT_LIMITS, DEFAULT_PROFILE, FileSummary, Limits, Profile, RecordSink


def read_archive(
    path: Path,
    *,
    sink: RecordSink,
    profile: Profile = DEFAULT_PROFILE,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[int, int], None] | None = None,
) -> FileSummary:
    """Stream one file into `sink`. `progress(done, total)` counts packed bytes. Raises LersRefused."""
    raise NotImplementedError
