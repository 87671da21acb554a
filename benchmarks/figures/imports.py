"""Importing archives: parsing beside xmllint, the whole import beside a bare COPY, and what a value costs on disk.

The files are made here, the same in every run. `BENCH_MB` (100) is the size of the large one, the small one is a
tenth of it; `BENCH_ROUNDS` (5) the rounds. Both sides of a ratio alternate within one run on one server.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.frame import LEAST_ROUNDS, Bound, Measured, rounds_of
from benchmarks.house.house import Child, House, house
from testkit.lers_files import write_archive

MEGABYTES = int(os.environ.get("BENCH_MB", "100"))
ROUNDS = max(LEAST_ROUNDS, int(os.environ.get("BENCH_ROUNDS", "5")))
PARSE = {"attributes": 0.45, "elements": 0.25}  # what each must reach
WHOLE = {"attributes": 1.5, "elements": 1.0}
Seconds = dict[str, list[float]]


@dataclass
class Files:
    """The archives of one dialect: large, its first half, a tenth of it, twice it; and the floor's text."""

    dialect: str
    folder: Path
    made: dict[float, Path] = field(default_factory=dict)

    def of(self, share: float) -> Path:
        path = self.made.get(share)
        if path is None:
            path = self.made[share] = self.folder / f"{self.dialect}-{share}.xml"
            write_archive(path, megabytes=MEGABYTES * share, dialect=self.dialect)
        return path

    @property
    def narrow(self) -> Path:
        return self.folder / f"{self.dialect}.narrow"

    def forget(self) -> None:
        for path in (*self.made.values(), self.narrow):
            path.unlink(missing_ok=True)


def figures() -> Iterator[Measured | Bound]:
    with house("postgresql") as home:
        for dialect in WHOLE:
            files = Files(dialect, home.folder)
            yield from _parsing(home, files)
            yield from _importing(home, files)
            yield from _memory(home, files)
            files.forget()
    with house("sqlite") as home:
        files = Files("attributes", home.folder)
        yield from _on_sqlite(home, files)


def _parsing(home: House, files: Files) -> Iterator[Measured]:
    path = files.of(1)
    ours: list[float] = []
    xmllint: list[float] = []
    with home.child() as child:
        child("parse", files.of(0.1))
        for turn in range(ROUNDS):
            for side in (0, 1) if turn % 2 else (1, 0):
                if side:
                    ours.append(child("parse", path)["seconds"])
                else:
                    began = time.perf_counter()
                    subprocess.run(["xmllint", "--stream", "--noout", path], check=True)
                    xmllint.append(time.perf_counter() - began)
    yield rounds_of(
        f"parse to numbers, {files.dialect}", ours, xmllint, "xmllint --stream", PARSE[files.dialect],
        work=path.stat().st_size / 1e6, unit="MB",
    )  # fmt: skip


def _importing(home: House, files: Files) -> Iterator[Measured | Bound]:
    dialect, path = files.dialect, files.of(1)
    half, tenth = files.of(0.5), files.of(0.1)
    took: Seconds = {"copy": [], "first": [], "again": [], "half": [], "tenth": []}
    growth: list[float] = []
    with home.child() as child:
        values = child("narrow_file", path, files.narrow)
        child("import", tenth)
        for turn in range(ROUNDS):
            for side in (0, 1) if turn % 2 else (1, 0):
                if side:
                    took["copy"].append(child("copy", files.narrow))
                    continue
                child("clear")
                took["first"].append(_import(child, path, "accepted")["seconds"])
                before = child("sizes")
                took["again"].append(_import(child, path, "skipped")["seconds"])
                after = child("sizes")
                growth.append(sum(after.values()) - sum(before.values()))
            child("clear")
            child("import", half)
            took["half"].append(child("import", path)["seconds"])
            child("clear")
            took["tenth"].append(_import(child, tenth, "accepted")["seconds"])
    megabytes = path.stat().st_size / 1e6
    yield rounds_of(
        f"whole import, {dialect}", took["first"], took["copy"], "bare COPY of keyed narrow rows", WHOLE[dialect],
        work=megabytes, unit="MB",
    )  # fmt: skip
    yield rounds_of(
        f"identical import again, {dialect}", took["again"], took["first"], "the first import", 1,
        work=megabytes, unit="MB",
    )  # fmt: skip
    yield Bound(f"growth by importing again, {dialect}", tuple(growth), 0, " bytes")
    yield rounds_of(
        f"half-overlapping import, {dialect}", took["half"], took["first"], "the first import", 0.6,
        work=megabytes, unit="MB",
    )  # fmt: skip
    yield Bound(
        f"time of {MEGABYTES} MB ÷ time of {MEGABYTES / 10:g} MB, {dialect}",
        tuple(large / small for large, small in zip(took["first"], took["tenth"], strict=True)), 12,
    )  # fmt: skip
    yield Bound(
        f"bytes stored a value, {dialect}", (before["records"] / values,), 16, "",
        f"{before['records'] / 1e6:,.1f} MB with the key", f"{values:,} values",
    )  # fmt: skip


def _import(child: Child, path: Path, outcome: str) -> dict[str, float]:
    """One import that did the whole work: every record was accepted, or every one was known."""
    done: dict[str, float] = child("import", path)
    if done["state"] != "done" or done[outcome] != done["records"] or not done["records"]:
        raise RuntimeError(f"bench: {path.name} was not {outcome} whole: {done}")
    return done


def _memory(home: House, files: Files) -> Iterator[Bound]:
    """Each size in a process of its own: a peak is never forgotten."""
    for share in (0.1, 1, 2):
        path = files.of(share)
        with home.child() as child:
            child("clear")
        with home.child() as child:
            idle = child("peak")
            peak = _import(child, path, "accepted")["peak"]
        yield Bound(
            f"peak memory at {MEGABYTES * share:g} MB, {files.dialect}", (peak,), 80, " MB", "",
            f"{idle:.0f} MB before the import",
        )  # fmt: skip
        if share == 2:
            path.unlink()
            del files.made[share]


def _on_sqlite(home: House, files: Files) -> Iterator[Measured]:
    """By processor time: each side is one process that waits for nothing but its turn."""
    path = files.of(1)
    ours: list[float] = []
    floor: list[float] = []
    with home.child() as child:
        child("narrow_file", path, files.narrow)
        child("import", files.of(0.1))
    for turn in range(ROUNDS):
        for side in (0, 1) if turn % 2 else (1, 0):
            with home.child() as child:
                if side:
                    floor.append(child("executemany", files.narrow))
                else:
                    child("clear")
                    ours.append(_import(child, path, "accepted")["cpu"])
    yield rounds_of(
        "whole import on SQLite", ours, floor, "keyless executemany of the same values", 0.5,
        work=path.stat().st_size / 1e6, unit="MB",
    )  # fmt: skip
