"""One file from disk into a spool, with the limits and the profile of its programme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

from django.conf import settings

from accounts.models import Programme
from readings.ingest.spool import Spool
from readings.lers.model import DEFAULT_LIMITS, DEFAULT_PROFILE, FileSummary, Profile
from readings.lers.reader import read_archive

Progress = Callable[[int, int], None]


def profile_of(programme: Programme) -> Profile:
    """How the senders of this utility write: `settings["lers_profile"]`, names of `Profile`'s fields."""
    given = programme.settings.get("lers_profile") or {}
    known = {field.name for field in fields(Profile)}
    wanted = {name: value for name, value in given.items() if name in known}
    for name in ("point_keys", "time_keys"):
        if name in wanted:
            wanted[name] = tuple(wanted[name])
    if "parameter_ids" in wanted:
        wanted["parameter_ids"] = {int(key): name for key, name in wanted["parameter_ids"].items()}
    return replace(DEFAULT_PROFILE, **wanted)


def parse(path: Path, *, spool: Spool, programme: Programme, progress: Progress | None = None) -> FileSummary:
    """Raises `LersRefused`."""
    limits = replace(DEFAULT_LIMITS, packed=settings.UPLOAD_MAX_BYTES)
    return read_archive(path, sink=spool, profile=profile_of(programme), limits=limits, progress=progress)
