"""A workbook sent as an archive: each sheet becomes a table of text that the reader of archives knows."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accounts.tables import TableError, sheets_read
from readings.lers.model import LersRefused

_HEAD = b"PK\x03\x04"
MAX_BYTES = 20_000_000
MAX_ROWS = 200_000  # of all sheets together; a year of hours is 8,784


@contextmanager
def as_archive(path: Path) -> Iterator[tuple[Path, bool]]:
    """(file, False), or for a workbook (a zip of its sheets as CSV that is gone afterwards, True).

    Raises `LersRefused` workbook for one that cannot be opened, too_large, too_many_records.
    """
    if not _is_workbook(path):
        yield path, False
        return
    if path.stat().st_size > MAX_BYTES:
        raise LersRefused("too_large")
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            _pack(path, archive)
        file.flush()
        yield Path(file.name), True


def _is_workbook(path: Path) -> bool:
    """By what is inside: a file of archives may hold a workbook among others, and stays what it is."""
    with path.open("rb") as file:
        if file.read(4) != _HEAD:
            return False
        try:
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist() if len(archive.filelist) < 1000 else []
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return False
    return "[Content_Types].xml" in names and "xl/workbook.xml" in names


def _pack(path: Path, archive: zipfile.ZipFile) -> None:
    rows = 0
    try:
        with path.open("rb") as file:
            for number, (title, lines) in enumerate(sheets_read(file.read()), start=1):
                name = "".join(c for c in title if c.isalnum() or c in " _-") or str(number)
                with archive.open(f"{number} {name}.csv", "w") as member:
                    out = csv.writer(text := io.TextIOWrapper(member, "utf-8", newline=""), delimiter=";")
                    at = 0
                    for line, cells in lines:
                        rows += 1
                        if rows > MAX_ROWS:
                            raise LersRefused("too_many_records")
                        while (at := at + 1) < line:
                            text.write("\n")
                        out.writerow([" ".join(cell.split()) for cell in cells])
                    text.close()
    except TableError as broken:
        raise LersRefused("too_large" if broken.code == "too_large" else "workbook") from None
