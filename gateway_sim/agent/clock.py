"""What time it is, on a box whose clock may be wrong at boot.

A small computer without a battery starts in 1970 or at its last shutdown. A wall clock before `floor` is not
believed; the portal's time (from a heartbeat, over TLS) then serves, carried on by the monotonic clock. Until
either is there a reading is spooled with its monotonic instant and stamped later.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

# No reading of this agent can be older than the agent.
FLOOR = datetime(2026, 1, 1, tzinfo=UTC)
# Nearer than this the own clock is kept: a reading's stamp must not jump with the network's delay.
TOLERANCE = timedelta(minutes=5)


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


def _since_boot() -> float:
    # Counts while the machine sleeps, and is the same for every process of one boot.
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class Clock:
    def __init__(
        self,
        *,
        wall: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = _since_boot,
        boot: str | None = None,
        floor: datetime = FLOOR,
    ) -> None:
        self.boot = boot or _boot_id()
        self.monotonic = monotonic
        self.floor = floor
        self._wall = wall or (lambda: datetime.now(UTC))
        self._anchor: tuple[datetime, float] | None = None

    def wall(self) -> datetime:
        """The machine's clock, right or wrong: for logs and the heartbeat."""
        return self._wall()

    def portal_says(self, when: datetime) -> timedelta:
        """Take note of the portal's time; how far the own clock is ahead of it."""
        self._anchor = (when, self.monotonic())
        return self._wall() - when

    def now(self) -> datetime | None:
        """The instant to stamp with, whole seconds, or None while it is not known."""
        wall = self._wall()
        if self._anchor is not None:
            when, mono = self._anchor
            carried = when + timedelta(seconds=self.monotonic() - mono)
            if abs(wall - carried) > TOLERANCE:
                return carried.replace(microsecond=0)
        elif wall < self.floor:
            return None
        return wall.replace(microsecond=0)

    def at(self, mono: float) -> datetime | None:
        """The instant of a monotonic reading of this boot, or None while the time is not known."""
        now = self.now()
        if now is None:
            return None
        return (now - timedelta(seconds=self.monotonic() - mono)).replace(microsecond=0)


def rfc3339(when: datetime) -> str:
    """UTC with a Z, whole seconds: the form of `taken_at`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_rfc3339(text: object) -> datetime | None:
    """An aware instant, or None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.astimezone(UTC) if when.tzinfo is not None else None
