"""Make a backup while the portal works on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.operations.backup.engines import BackupError
from portal.operations.backup.folder import backup_make, backup_read


class Command(BaseCommand):
    help = "Write database and files, with the sums of every table, into a new folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("into", type=Path, help="the folder below which the backup's own is made")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="delete all but the newest N afterwards"
        )

    def handle(self, *args: Any, into: Path, keep: int, **options: Any) -> None:
        try:
            folder = backup_make(into, keep=keep)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        manifest = backup_read(folder)
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(
            f"{folder}: {rows:,} rows of {len(manifest['tables'])} tables, {len(manifest['files'])} files"
        )
        self.stdout.write(
            "The keys (SECRET_KEY) are not in it: keep them elsewhere, or nobody can sign in after a restore."
        )
