"""The average of comparable dwellings: the others of the same building, only where they are enough to hide each.

Comparable are the dwellings of the same building whose meters know at least nine tenths of the compared days.
Where the own and their living areas are known, the average is per square metre and stands for the own area.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from readings.overview.uses import Use

LEAST = 5  # fewer would tell what a neighbour used
KNOWN_DAYS = Fraction(9, 10)
DAY = 86400


@dataclass(frozen=True)
class Average:
    """kWh by usage and m³ by water of an average dwelling; `by_area` says that it is scaled to the own area."""

    dwellings: int
    by_area: bool
    usages: Mapping[str, Fraction] = field(default_factory=dict)
    waters: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def energy(self) -> Fraction:
        return sum(self.usages.values(), Fraction(0))


def average_of(
    own: int, uses: Mapping[int, Use], areas: Mapping[int, int | None], days: int
) -> Average | None:
    """`uses` and `areas` (cm²) by dwelling; `days` is the length of the compared time. None below five others."""
    enough = KNOWN_DAYS * days * DAY
    others = {pk: use for pk, use in uses.items() if pk != own and use.seconds >= enough > 0}
    sized = {pk: use for pk, use in others.items() if areas.get(pk)}
    own_area = areas.get(own)
    if own_area and len(sized) >= LEAST:
        area = sum(areas[pk] or 0 for pk in sized)
        return _average(sized, Fraction(own_area, area), by_area=True)
    if len(others) < LEAST:
        return None
    return _average(others, Fraction(1, len(others)), by_area=False)


def _average(uses: Mapping[int, Use], scale: Fraction, *, by_area: bool) -> Average:
    usages = _shared([use.usages for use in uses.values()])
    waters = _shared([use.waters for use in uses.values()])
    return Average(
        len(uses),
        by_area,
        {key: amount * scale for key, amount in usages.items()},
        {key: amount * scale for key, amount in waters.items()},
    )


def _shared(dwellings: Sequence[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """The sums of what at least five of them have: the only air conditioner of a house is nobody else's business.
    What is left out is left out of the total too, or the difference would tell."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    having: dict[str, int] = defaultdict(int)
    for one in dwellings:
        for key, amount in one.items():
            sums[key] += amount
            having[key] += 1
    return {key: amount for key, amount in sums.items() if having[key] >= LEAST}
