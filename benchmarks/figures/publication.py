"""Publishing 2,000 dwellings with 8,000 meters: rows/s beside a bare COPY of the same rows, and whole seconds."""

from __future__ import annotations

import os
from collections.abc import Iterator

from benchmarks.frame import LEAST_ROUNDS, Bound, Measured, rounds_of
from benchmarks.house.house import house

DWELLINGS = 2000
ROUNDS = max(LEAST_ROUNDS, int(os.environ.get("BENCH_ROUNDS", "5")))
SECONDS = 10
FLOORS = {"postgresql": ("bare COPY", 0.01), "sqlite": ("bare executemany", 0.01)}


def figures() -> Iterator[Measured | Bound]:
    for kind, (beside, target) in FLOORS.items():
        ours: list[float] = []
        floor: list[float] = []
        rows = 0.0
        with house(kind) as home, home.child() as child:
            child("publish", 50)  # warm
            for _ in range(ROUNDS):
                done = child("publish", DWELLINGS)
                bare = child("bare_publication", done["programme"])
                ours.append(done["seconds"])
                floor.append(bare["seconds"])
                rows = bare["rows"]
        yield rounds_of(f"publication, {kind}", ours, floor, beside, target, work=rows, unit="rows")
        yield Bound(f"publication of 8,000 meters, {kind}", tuple(ours), SECONDS, " s")
