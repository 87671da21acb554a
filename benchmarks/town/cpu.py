"""Which part of the machine's cores went to whom, between two moments; from /proc."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.town.machine import Machine

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[int, int]:
    """(parent, ticks of this process and of its children that have ended)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(fields[1]), sum(map(int, fields[11:15]))


def seconds_of(*pids: int) -> float:
    """Processor time that these processes have had: what a busy machine lets a comparison be made by.

    By each process's own clock (`clock_getcpuclockid`), threads that ended among it: the ticks of /proc/…/stat are
    10 ms, and said of sixty batches beside sixty others anything between 1.1 and 1.6.
    """
    return sum(_clock(pid) for pid in pids)


def _clock(pid: int) -> float:
    try:
        return time.clock_gettime((~pid << 3) | 2)  # Linux: CPUCLOCK_SCHED of that process
    except OSError:
        return _stat(pid)[1] / TICKS


def _trees() -> tuple[dict[int, list[int]], dict[int, int]]:
    below: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parent, ticks[int(entry.name)] = _stat(int(entry.name))
            below.setdefault(parent, []).append(int(entry.name))
    return below, ticks


def _whole() -> tuple[int, int]:
    """(busy, all) ticks of the machine."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return sum(fields) - fields[3] - fields[4], sum(fields)


class Cpu:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.before, self.whole, self.began = self._ticks(), _whole(), time.monotonic()

    def _ticks(self) -> dict[str, int]:
        below, ticks = _trees()

        def tree(pid: int) -> int:
            return ticks.get(pid, 0) + sum(tree(child) for child in below.get(pid, ()))

        server = int(Path(self.machine.database.data, "postmaster.pid").read_text().split()[0])
        found = {"database": tree(server), "senders": _stat(os.getpid())[1]}
        for name in ("web", "worker", "beat"):
            found[name] = tree(self.machine.running[name].pid) if name in self.machine.running else 0
        return found

    def shares(self) -> dict[str, float]:
        """Of all cores together, 1.0 is all of them: `machine` busy with anything, and each part of the town."""
        after, whole = self._ticks(), _whole()
        capacity = (time.monotonic() - self.began) * TICKS * (os.cpu_count() or 1)
        found = {name: max(0, after[name] - self.before[name]) / capacity for name in after}
        found["machine"] = (whole[0] - self.whole[0]) / max(1, whole[1] - self.whole[1])
        found["worker"] += found.pop("beat")
        known = sum(found[name] for name in ("web", "database", "worker", "senders"))
        return {**found, "others": max(0.0, found["machine"] - known)}
