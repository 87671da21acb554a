"""The rows of the operator's overview: each dwelling's month, against last year and against its neighbours. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import quantiles
from typing import Literal

from readings.overview.uses import Use
from servers.models import Dwelling

LEAST = 5  # among fewer dwellings nothing is far from the others
FENCE = 1.5  # Tukey: this many times the middle half's spread beyond it
DAY = 86400
Place = Literal["", "above", "below"]


@dataclass
class Figures:
    """A dwelling's month. `now` None: nothing is known. `known` is the share of its time that is, 0 to 1."""

    dwelling: Dwelling
    now: Use | None
    year_ago: Use | None
    known: Fraction
    place: Place = ""

    @property
    def energy(self) -> Fraction | None:
        return self.now.energy if self.now and self.now.usages else None

    @property
    def per_m2(self) -> Fraction | None:
        """kWh a square metre of living area."""
        if self.energy is None or not self.dwelling.area_cm2:
            return None
        return self.energy * 10_000 / self.dwelling.area_cm2

    @property
    def change(self) -> Fraction | None:
        """In percent of the same days last year, where both are known well enough to be compared."""
        if self.energy is None or self.year_ago is None or not self.year_ago.energy:
            return None
        if self.now is None or 10 * self.year_ago.seconds < 9 * self.now.seconds:
            return None
        return (self.energy - self.year_ago.energy) / self.year_ago.energy * 100

    @property
    def is_complete(self) -> bool:
        return self.known >= Fraction(99, 100)

    @property
    def is_comparable(self) -> bool:
        return self.known >= Fraction(9, 10) and self.per_m2 is not None

    def missing_days(self, days: int) -> int:
        return round(float((1 - self.known) * days))


def figures_of(
    dwellings: Iterable[Dwelling], now: dict[int, Use], year_ago: dict[int, Use], days: int
) -> list[Figures]:
    found = []
    for dwelling in dwellings:
        use = now.get(dwelling.pk)
        known = Fraction(min(use.seconds, days * DAY), days * DAY) if use and days else Fraction(0)
        found.append(Figures(dwelling, use, year_ago.get(dwelling.pk), known))
    mark_outliers(found)
    return found


def mark_outliers(rows: Sequence[Figures]) -> None:
    """Within each building, by kWh a square metre: beyond the quartiles by more than 1.5 times their distance."""
    by_building: dict[int, list[Figures]] = defaultdict(list)
    for row in rows:
        if row.is_comparable:
            by_building[row.dwelling.building_id].append(row)
    for group in by_building.values():
        if len(group) < LEAST:
            continue
        values = [float(row.per_m2 or 0) for row in group]
        low, _middle, high = quantiles(values, n=4, method="inclusive")
        reach = FENCE * (high - low)
        for row, value in zip(group, values, strict=True):
            row.place = "above" if value > high + reach else "below" if value < low - reach else ""


@dataclass
class Sums:
    """Of many dwellings. `change` compares only what is known of both times."""

    energy: Fraction
    usages: dict[str, Fraction]
    waters: dict[str, Fraction]
    year_usages: dict[str, Fraction]
    compared: tuple[Fraction, Fraction]
    area_cm2: int
    area_energy: Fraction
    known: Fraction

    @property
    def per_m2(self) -> Fraction | None:
        return self.area_energy * 10_000 / self.area_cm2 if self.area_cm2 else None

    @property
    def change(self) -> Fraction | None:
        now, before = self.compared
        return (now - before) / before * 100 if before else None


def sums_of(rows: Sequence[Figures]) -> Sums:
    usages: dict[str, Fraction] = defaultdict(Fraction)
    waters: dict[str, Fraction] = defaultdict(Fraction)
    year: dict[str, Fraction] = defaultdict(Fraction)
    now = before = area_energy = Fraction(0)
    area = 0
    for row in rows:
        if row.now is None:
            continue
        for sums, own in ((usages, row.now.usages), (waters, row.now.waters)):
            for key, amount in own.items():
                sums[key] += amount
        if row.change is not None and row.energy is not None and row.year_ago is not None:
            now, before = now + row.energy, before + row.year_ago.energy
            for key, amount in row.year_ago.usages.items():
                year[key] += amount
        if row.energy is not None and row.dwelling.area_cm2:
            area, area_energy = area + row.dwelling.area_cm2, area_energy + row.energy
    known = sum((row.known for row in rows), Fraction(0)) / len(rows) if rows else Fraction(0)
    total = sum(usages.values(), Fraction(0))
    return Sums(total, dict(usages), dict(waters), dict(year), (now, before), area, area_energy, known)
