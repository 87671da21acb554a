"""The ledger: it knows every reading that was acknowledged and compares with what the portal has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Tally:
    """What came of one run. `injected` counts the faults that were really put in."""

    injected: int = 0
    lost: int = 0
    duplicated: int = 0
    altered: int = 0
    note: str = ""

    @property
    def wrong(self) -> int:
        return self.lost + self.duplicated + self.altered

    def __iadd__(self, other: Tally) -> Tally:
        self.injected += other.injected
        self.lost += other.lost
        self.duplicated += other.duplicated
        self.altered += other.altered
        return self


Run = Callable[[int, Path], Tally]


@dataclass(frozen=True)
class Scenario:
    """`run(count, directory)` must come out clean, `control(count, directory)` must not: it is the same run on
    an agent with one promise taken away, so a ledger that sees nothing cannot pass."""

    name: str
    run: Run
    control: Run
    control_is: str
    long: int
    short: int
    control_long: int
    control_short: int


def compare(
    acknowledged: Iterable[str], begun: Iterable[str], found: Iterable[str], *, dropped: int = 0
) -> Tally:
    """Values are unique, so a value found twice is a duplicate and one nobody read is altered. `dropped` rows
    were given up by the rule and counted by the agent: exactly so many may be missing, no more and no fewer."""
    counted = Counter(found)
    missing = len(set(acknowledged) - counted.keys())
    return Tally(
        lost=abs(missing - dropped),
        duplicated=sum(times - 1 for times in counted.values()),
        altered=len(counted.keys() - set(begun)),
    )
