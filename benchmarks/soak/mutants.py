"""Mutated telegrams: the decoder answers each with records or with its own error, in time.

altered: an exception that is not ours, or a record that has neither a value nor a flag. lost: no end within
`LONGEST` seconds.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.soak.ledger import Tally
from gateway_sim.mbus.decode import decode_frame
from gateway_sim.mbus.errors import MBusError
from tests.gateway_sim.test_mbus_fuzz import mutated

LONGEST = 3


class Hang(Exception):
    """The decoder did not come to an end."""


def _alarm(_number: int, _frame: object) -> None:
    raise Hang


def run(count: int, _home: Path, decode: Callable[[bytes], Any] = decode_frame) -> Tally:
    source = random.Random(20261122)
    tally = Tally(injected=count)
    decoded = refused = 0
    before = signal.signal(signal.SIGALRM, _alarm)
    try:
        for _ in range(count):
            raw = mutated(source)
            signal.setitimer(signal.ITIMER_REAL, LONGEST)
            try:
                telegram = decode(raw)
                decoded += 1
                tally.altered += any(r.value is None and not r.flags for r in telegram.records)
            except MBusError:
                refused += 1
            except Hang:
                tally.lost += 1
            except Exception:  # noqa: BLE001 - this is what is counted
                tally.altered += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)
    tally.note = f"{decoded} decoded, {refused} refused with our own error"
    return tally


def _trusting(raw: bytes) -> Any:
    """Walks the records as the bytes say, with the whole decoder behind it only where the frame is sound."""
    at = 19
    while at < len(raw) - 2:
        size = (0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, raw[at + 2], 6, 0)[raw[at] & 0x0F]
        bytes(raw[at + n] for n in range(2 + size))
        at += 2 + size
    return decode_frame(raw)


def control(count: int, home: Path) -> Tally:
    return run(count, home, _trusting)
