"""The folder of a backup: made whole or not at all, proved before and after it is used."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from portal.operations.backup.engines import BackupError, database_dump, database_load
from portal.operations.backup.files import files_pack, files_unpack
from portal.operations.backup.sums import differences, file_sum

FORMAT = 1
NAME = "releve-%Y-%m-%dT%H%M%S.%fZ"
MARK = "last-backup.json"


def backup_make(into: Path, *, keep: int = 0) -> Path:
    """A new folder below `into`; with `keep`, the oldest ones beyond that number are deleted afterwards."""
    now = timezone.now()
    final = into / now.strftime(NAME)
    part = final.with_name(final.name + ".part")
    part.mkdir(parents=True, mode=0o700)
    try:
        tables = database_dump(part / "database")
        manifest = {
            "format": FORMAT,
            "made": now.isoformat(),
            "engine": connection.vendor,
            "migrations": sorted(MigrationRecorder(connection).applied_migrations()),
            "tables": tables,
            "files": files_pack(part / "files.tar"),
            "sha256": {name: file_sum(part / name) for name in ("database", "files.tar")},
        }
        _write(part / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
        for path in part.iterdir():
            path.chmod(0o600)
            _sync(path)
        part.rename(final)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _sync(into)
    _write(settings.VAR_DIR / MARK, json.dumps({"made": now.isoformat(), "where": str(final)}))
    _forget(into, keep)
    return final


def backup_read(folder: Path) -> dict[str, Any]:
    """Its manifest, once the sums of its files have been found right."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BackupError(f"{folder} is no backup: it has no manifest that can be read.") from None
    if manifest.get("format") != FORMAT:
        raise BackupError("This backup was made by a newer release: restore it with that one.")
    for name, wanted in manifest["sha256"].items():
        if not (folder / name).is_file() or file_sum(folder / name) != wanted:
            raise BackupError(f"{name} is not what was written: this backup is damaged.")
    return manifest


def backup_restore(folder: Path) -> dict[str, Any]:
    """Fill an empty database and an empty folder of files. Raises `BackupError` if one table differs afterwards."""
    manifest = backup_read(folder)
    if manifest["engine"] != connection.vendor:
        raise BackupError(
            f"This backup is of {manifest['engine']}, and the settings say {connection.vendor}."
        )
    have = database_load(folder / "database")
    different = differences(manifest["tables"], have)
    if different:
        raise BackupError(f"{len(different)} tables are not as they were: {'; '.join(different[:3])}.")
    files_unpack(folder / "files.tar", manifest["files"])
    return manifest


def _forget(into: Path, keep: int) -> None:
    if keep > 0:
        for old in sorted(into.glob("releve-*Z"))[:-keep]:
            shutil.rmtree(old)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
