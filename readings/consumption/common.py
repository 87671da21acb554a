"""A dwelling's share of what its building's common areas used, day by day, by the key that the operator chose.

Every dwelling of the building takes part, lived in or not: a neighbour who leaves makes nobody's share larger. The
shares of a day sum to the whole to a thousandth of the register's step. They are priced with the building's prices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from zoneinfo import ZoneInfo

from readings.consumption.breakdown import Part, Source, parts_of
from readings.totals.selectors import DayQuantity
from servers.models import Dwelling
from tariffs.selectors import Parameters
from tariffs.sharing import key_weights, shared_out
from tariffs.units import quantity_of

FINER = 1000  # parts of a register's step


@dataclass(frozen=True)
class Member:
    dwelling_id: int
    area: int | None
    until: date | None


class CommonShares:
    """`values` are the building's parameters. Asks the database nothing where no key was ever chosen."""

    def __init__(self, building_id: int, values: Parameters, zone: ZoneInfo) -> None:
        self.building_id, self.values, self.zone = building_id, values, zone
        keys = {values.at("common_key", day) for day in [date.min, *values.changes(("common_key",))]}
        self.is_used = keys != {"none"}
        self._shares: dict[tuple[str, tuple[Member, ...], int], dict[int, int]] = {}

    @cached_property
    def members(self) -> list[Member]:
        rows = Dwelling.objects.filter(building=self.building_id).order_by("pk")
        return [
            Member(pk, area, retired.astimezone(self.zone).date() if retired else None)
            for pk, area, retired in rows.values_list("pk", "area_cm2", "retired_at")
        ]

    def members_on(self, day: date) -> tuple[Member, ...]:
        return tuple(one for one in self.members if one.until is None or day < one.until)

    def share_on(self, day: date, dwelling_id: int) -> tuple[str, int, int]:
        """(the key that really holds, the dwelling's weight, that of all): by area needs every area."""
        members = self.members_on(day)
        key, weights = key_weights(self.values.at("common_key", day), [one.area for one in members])
        own = next((w for one, w in zip(members, weights, strict=True) if one.dwelling_id == dwelling_id), 0)
        return key, own, sum(weights)

    def parts(self, source: Source, row: DayQuantity, dwelling_id: int) -> Iterator[Part]:
        """The dwelling's own share of a day of a common register."""
        steps = self._share(row, dwelling_id)
        if steps is not None:
            part = Fraction(steps, FINER)
            for found in parts_of(source, row.day, part, row.status, self.values.at, band=row.band):
                whole = quantity_of(row.quantity, source.exponent)
                yield replace(found, kind=f"common_{found.kind}", whole=whole)

    def _share(self, row: DayQuantity, dwelling_id: int) -> int | None:
        key = self.values.at("common_key", row.day)
        if key == "none" or row.quantity < 0:
            return None
        members = self.members_on(row.day)
        name = (key, members, row.quantity)
        if name not in self._shares:
            _key, weights = key_weights(key, [one.area for one in members])
            parts = shared_out(row.quantity * FINER, weights) if members else []
            self._shares[name] = {one.dwelling_id: part for one, part in zip(members, parts, strict=True)}
        return self._shares[name].get(dwelling_id)
