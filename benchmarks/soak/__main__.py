"""`make soak`: every fault in its long form with its control, one table, exit 1 on any miss.

`python -m benchmarks.soak [--short] [NAME …]` runs the short form, or only the faults whose name holds a word.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.soak import full_disk
from benchmarks.soak.ledger import Scenario, Tally
from benchmarks.soak.scenarios import SCENARIOS, TIMED
from benchmarks.soak.storm.weathers import STORMS

HEAD = ("fault", "injected", "lost", "duplicated", "altered", "control's loss", "seconds", "")


def measured(run, count: int) -> tuple[Tally, float]:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as home:
        tally = run(count, Path(home))
    return tally, time.monotonic() - started


def judge(scenario: Scenario, *, short: bool) -> tuple[bool, tuple[str, ...]]:
    """Whether it held, and its line of the table."""
    count = scenario.short if short else scenario.long
    tally, seconds = measured(scenario.run, count)
    control, more = measured(scenario.control, scenario.control_short if short else scenario.control_long)
    held = tally.wrong == 0 and tally.injected >= count * 0.8 and control.wrong > 0
    line = (
        scenario.name, f"{tally.injected:,}", str(tally.lost), str(tally.duplicated), str(tally.altered),
        f"{control.wrong:,} of {control.injected:,}: {scenario.control_is}", f"{seconds + more:.0f}", tally.note,
    )  # fmt: skip
    return held, line


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the form `make test` runs")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only faults whose name holds this")
    args = parser.parse_args()
    where = f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {where}, Linux {platform.release()}\n")
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    missed = []
    for scenario in (*SCENARIOS, *TIMED, *STORMS):
        if args.names and not any(name in scenario.name for name in args.names):
            continue
        if scenario.run is full_disk.real_run and not full_disk.permitted():
            print(f"| {scenario.name} | not permitted here: no user name space | | | | | | |", flush=True)
            continue
        held, line = judge(scenario, short=args.short)
        print(f"| {' | '.join(line)} |", flush=True)
        if not held:
            missed.append(scenario.name)
    print(f"\n{'missed: ' + ', '.join(missed) if missed else 'all held'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
