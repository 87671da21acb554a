"""The faults, how often in the long and in the short form, and the control of each."""

from __future__ import annotations

from benchmarks.soak import enumeration, full_disk, kills, mutants, offline, power
from benchmarks.soak.ledger import Scenario

SCENARIOS = (
    Scenario(
        "kills while reading and sending", kills.reading_run, kills.reading_control,
        "lets rows go when they are sent", 1000, 15, 20, 6,
    ),
    Scenario(
        "kills around a command", kills.command_run, kills.command_control,
        "starts without its journal", 1000, 10, 40, 10,
    ),
    Scenario("power cuts", power.cut_run, power.cut_control, "synchronous = NORMAL", 1000, 40, 100, 20),
    Scenario("torn WAL", power.torn_run, power.torn_control, "starts without the WAL", 200, 6, 10, 4),
    Scenario(
        "damaged pages", power.damage_run, power.damage_control, "no checksum of rows", 200, 15, 200, 15,
    ),
    Scenario(
        "lost answers", offline.lost_run, offline.lost_control, "dates readings when it sends", 1000, 60, 60, 20,
    ),
    Scenario(
        "full disk (ENOSPC)", full_disk.real_run, full_disk.real_control,
        "takes a refused write for a written one", 300, 8, 60, 8,
    ),
    Scenario(
        "full spool (pages)", full_disk.bound_run, full_disk.bound_control,
        "drops without counting", 50, 1, 2, 1,
    ),
    Scenario(
        "a month offline (rows)", offline.month_run, offline.month_control,
        "a spool that is too small", 576_000, 4_000, 40_000, 4_000,
    ),
    Scenario(
        "mutated telegrams", mutants.run, mutants.control,
        "trusts the bytes", 100_000, 2_000, 2_000, 500,
    ),
)  # fmt: skip

# a busy machine disturbs what is about time: these run in `make soak` only
TIMED = (
    Scenario(
        "known and unknown addresses (by time)", enumeration.run, enumeration.control,
        "no dummy hash", 200, 10, 30, 10,
    ),
)  # fmt: skip
