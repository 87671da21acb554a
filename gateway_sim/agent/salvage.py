"""What a damaged spool still holds.

Pages are read one by one instead of through the tree, from the file and from its WAL, because one bad inner
page would hide all rows below it. A row counts only if its checksum agrees, so nothing is made up. Rows of
free pages come back as well: the portal has them and answers `duplicate`.
SQLite file format: https://www.sqlite.org/fileformat2.html (b-tree table leaf page 0x0D, record format, WAL).
"""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gateway_sim.agent.spool_rows import checksum

SavedRow = tuple[str, str, str | None, str, str, float, int]
_COLUMNS = 9  # of the table `reading`


def sound_rows(path: Path, opener: Callable[[Path], sqlite3.Connection]) -> list[SavedRow]:
    """The rows of the damaged spool `path` in their old order, ready for `Spool._insert`."""
    found: dict[int, SavedRow] = {}
    wal = path.with_name(path.name + "-wal")
    # Before SQLite may touch them: opening checkpoints the WAL.
    images = list(_pages(path)) + list(_wal_pages(wal))
    for page in images:
        for seq, columns in _leaf_rows(page):
            _take(found, seq, columns)
    if not path.exists():  # killed while it was set aside: only the WAL is here
        return [found[seq] for seq in sorted(found)]
    # ValueError: SQLite quotes the damage in its message, and Python cannot always decode that.
    with contextlib.suppress(sqlite3.Error, OSError, ValueError), contextlib.closing(opener(path)) as db:
        query = "SELECT seq, NULL, meter, register, taken_at, value, boot, mono, momentary, crc FROM reading"
        for seq, *columns in db.execute(query):
            _take(found, seq, columns[1:])
    return [found[seq] for seq in sorted(found)]


def _take(found: dict[int, SavedRow], seq: int, columns: list[Any]) -> None:
    meter, register, taken_at, value, boot, mono, momentary, crc = columns
    try:
        mono = float(mono)
        if crc == checksum(seq, meter, register, taken_at, value, boot, mono) and momentary in (0, 1):
            found[seq] = (meter, register, taken_at, value, boot, mono, momentary)
    except (TypeError, AttributeError, ValueError):
        return


def _pages(path: Path) -> Iterator[bytes]:
    try:
        data = path.read_bytes()
    except OSError:
        return
    # The page size stands in the header; a damaged header leaves the one SQLite makes by itself.
    size = int.from_bytes(data[16:18], "big")
    sizes = {4096} | ({size} if size >= 512 and size & (size - 1) == 0 else set())
    for size in sizes:
        for start in range(0, len(data), size):
            yield data[start : start + size]


def _wal_pages(path: Path) -> Iterator[bytes]:
    try:
        data = path.read_bytes()
    except OSError:
        return
    for start in range(32, len(data), 24 + 4096):
        yield data[start + 24 : start + 24 + 4096]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9


def _leaf_rows(page: bytes) -> Iterator[tuple[int, list[Any]]]:
    if len(page) < 16 or page[0] != 0x0D:
        return
    cells = int.from_bytes(page[3:5], "big")
    for index in range(min(cells, len(page) // 4)):
        pointer = int.from_bytes(page[8 + 2 * index : 10 + 2 * index], "big")
        try:
            length, at = _varint(page, pointer)
            seq, at = _varint(page, at)
            columns = _record(page[at : at + length])
        except (IndexError, ValueError, struct.error):
            continue
        if columns is not None:
            yield seq, columns


def _record(payload: bytes) -> list[Any] | None:
    """The columns after `seq` (which is the row id and stands as NULL), or None for another table's row."""
    header, at = _varint(payload, 0)
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if len(kinds) != _COLUMNS or kinds[0] != 0:
        return None
    columns: list[Any] = []
    for kind in kinds[1:]:
        value, at = _column(payload, at, kind)
        columns.append(value)
    return columns


def _column(payload: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if 1 <= kind <= 6:
        size = (0, 1, 2, 3, 4, 6, 8)[kind]
        return int.from_bytes(payload[at : at + size], "big", signed=True), at + size
    if kind == 7:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind >= 13 and kind % 2:
        size = (kind - 13) // 2
        if at + size > len(payload):
            raise ValueError("a text beyond the record")
        return payload[at : at + size].decode("utf-8"), at + size
    raise ValueError("not a column of ours")
