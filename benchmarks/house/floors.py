"""What an import is measured against: the same values written by the barest means, without asking anything."""

from __future__ import annotations

import time
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection

from readings.lers import ArchiveRow, DeviceErrorRow, read_archive
from readings.lers.vocabulary import PARAMETERS

_PLACE = {name: number for number, name in PARAMETERS.items()}


class Typed:
    """A sink that makes every text a number and keeps none."""

    def __init__(self) -> None:
        self.rows_seen = self.values = 0

    def rows(self, rows: list[ArchiveRow]) -> None:
        for row in rows:
            self.values += len(tuple(map(float, row.texts)))
        self.rows_seen += len(rows)

    def device_errors(self, rows: list[DeviceErrorRow]) -> None: ...


class _Narrow:
    """Writes (register, epoch second, value) for each value, tab-separated: what COPY reads."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="ascii")
        self.lines = 0

    def rows(self, rows: list[ArchiveRow]) -> None:
        for row in rows:
            at = int(row.start.replace(tzinfo=UTC).timestamp())
            base = row.series.index * 100
            self.file.writelines(
                f"{base + _PLACE[name]}\t{at}\t{text}\n"
                for name, text in zip(row.names, row.texts, strict=True)
            )
            self.lines += len(row.texts)

    def device_errors(self, rows: list[DeviceErrorRow]) -> None: ...


def narrow_file(source: str, target: str) -> int:
    """Write the floor's text once, outside every clock; returns its lines."""
    sink = _Narrow(Path(target))
    read_archive(Path(source), sink=sink)
    sink.file.close()
    return sink.lines


def copy(path: str) -> float:
    """Seconds of a bare COPY of keyed narrow rows into an empty table, with the commit."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_narrow")
        cursor.execute(
            "CREATE TABLE bench_narrow (register bigint, ts bigint, value double precision, "
            "PRIMARY KEY (register, ts))"
        )
    connection.close()
    connection.ensure_connection()
    with Path(path).open() as file:
        began = time.perf_counter()
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.copy_expert("COPY bench_narrow FROM STDIN", file, 1 << 16)
        connection.commit()
        took = time.perf_counter() - began
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_narrow")
    return took


def executemany(path: str) -> float:
    """Processor seconds of a keyless executemany of the same narrow rows on SQLite, with the commit."""
    with Path(path).open() as file:
        rows: list[tuple[Any, ...]] = [
            (int(register), int(at), float(value))
            for register, at, value in (line.split("\t") for line in file)
        ]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_narrow")
        cursor.execute("CREATE TABLE bench_narrow (register integer, ts integer, value real)")
    raw: Any = connection.connection
    began = time.process_time()
    raw.execute("BEGIN IMMEDIATE")
    every = iter(rows)
    while batch := list(islice(every, 10_000)):
        raw.executemany("INSERT INTO bench_narrow VALUES (?, ?, ?)", batch)
    raw.execute("COMMIT")
    took = time.process_time() - began
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_narrow")
    return took
