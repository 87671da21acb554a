"""What months cost: the same import, and the same batches, into divided tables and into whole ones.

`BENCH_MB` (100) is ten times the file; it has hours of a year and a half, so that a divided table takes it in many pieces.
Compared is processor time, of the process that imports and of its server's: two tables beside each other on one
machine say nothing by the clock that is finer than the machine's other work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks.frame import LEAST_ROUNDS, Bound
from benchmarks.house.house import Child, house
from benchmarks.town.cpu import seconds_of
from testkit.lers_files import write_archive

ROUNDS = max(LEAST_ROUNDS, int(os.environ.get("BENCH_ROUNDS", "5")))
MEGABYTES = int(os.environ.get("BENCH_MB", "100")) / 10
BATCHES = 60
MOST = 1.1


def figures() -> Iterator[Bound]:
    with ExitStack() as stack:
        whole, divided = (stack.enter_context(house("postgresql")) for _ in range(2))
        one, other = stack.enter_context(whole.child()), stack.enter_context(divided.child())
        pieces = other("divide", "2024-01")
        path = whole.folder / "archive.xml"
        write_archive(path, megabytes=MEGABYTES)
        ratios: dict[str, list[float]] = {"import": [], "ingest": []}

        def turns(action: str, prepare: Callable[[Child, int], tuple[Any, ...]]) -> None:
            for turn in range(ROUNDS + 1):
                took = {}
                for child in (one, other) if turn % 2 else (other, one):
                    words = prepare(child, turn)
                    pids = child("processes")
                    before = seconds_of(*pids)
                    child(action, *words)
                    took[child] = seconds_of(*pids) - before
                if turn:  # the first round warms both up
                    ratios[action].append(took[other] / took[one])

        turns("import", lambda child, turn: (child("clear"), (path,))[1])
        for child in (one, other):  # only now: what clears away an import takes every register along
            child("boxes", 1)
        turns("ingest", lambda child, turn: (turn * BATCHES, BATCHES))
    note = f"{pieces} pieces of a table"
    yield Bound(
        f"import of {MEGABYTES:g} MB into months ÷ into whole tables",
        tuple(ratios["import"]),
        MOST,
        "",
        "",
        note,
    )
    yield Bound("batches of 100 into months ÷ into whole tables", tuple(ratios["ingest"]), MOST, "", "", note)
