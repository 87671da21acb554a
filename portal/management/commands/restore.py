"""Fill an empty installation from a backup, and prove that every table is as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.operations.backup.engines import BackupError
from portal.operations.backup.folder import backup_read, backup_restore


class Command(BaseCommand):
    help = "Restore a backup into an empty database and an empty folder of files; never over what is there."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="only look whether the backup is sound")

    def handle(self, *args: Any, folder: Path, check: bool, **options: Any) -> None:
        try:
            manifest = backup_read(folder) if check else backup_restore(folder)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        rows = sum(table["rows"] for table in manifest["tables"].values())
        done = "is sound" if check else "is restored, each table with its sum"
        self.stdout.write(
            f"The backup of {manifest['made'][:19]} {done}: {rows:,} rows, {len(manifest['files'])} files."
        )
        if not check:
            self.stdout.write(
                "Now: migrate (if this release is newer), doctor, and repeat erasures asked for since."
            )
