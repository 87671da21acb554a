"""The parameters that turn counted quantities into kWh, for many dwellings at once: one or two queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Q

from tariffs.catalogue import ADVANCED
from tariffs.models import ParameterValue
from tariffs.selectors import Held, Parameters, held_by_occupants, place_of

# prices are left out: they make no energy
ENERGY_KEYS = frozenset({"gas_coefficient", *(parameter.key for parameter in ADVANCED)})
HEAT_UNIT = "heat_unit"
SEASONS = ((3, 21), (6, 21), (9, 21), (12, 21))


class EnergyParameters:
    """`of(dwelling)` are the parameters in force there. Dwellings without a value of their own share one."""

    def __init__(
        self, buildings: Mapping[int, int], *, needed: bool = True, held: Iterable[Held] | None = None
    ) -> None:
        """`buildings`: dwelling's key → its building's. `needed`: whether any register needs a formula; `held`: the
        values where somebody has loaded them already."""
        self._buildings = buildings
        self._needed = needed
        if held is None:
            here = Q(dwelling=None) | Q(dwelling__building__in=set(buildings.values()))
            held = held_by_occupants(ParameterValue.objects.filter(here, key__in={*ENERGY_KEYS, HEAT_UNIT}))
        self._rows: dict[tuple[int | None, int | None], list[Held]] = defaultdict(list)
        for row in held:
            if row.key in ENERGY_KEYS or row.key == HEAT_UNIT:
                self._rows[place_of(row)].append(row)
        self._made: dict[tuple[int, int | None], Parameters] = {}

    def of(self, dwelling: int) -> Parameters:
        building = self._buildings[dwelling]
        own = dwelling if (dwelling, None) in self._rows else None
        if (building, own) not in self._made:
            places: set[tuple[int | None, int | None]] = {(None, None), (None, building), (own, None)}
            self._made[building, own] = Parameters(
                row for place in places for row in self._rows.get(place, ())
            )
        return self._made[building, own]

    def heat_unit(self, day: date) -> str:
        """In which the programme reads heat: kwh or gcal."""
        return Parameters(self._rows.get((None, None), ())).at(HEAT_UNIT, day)

    def cuts(self, first_day: date, end_day: date) -> list[date]:
        """The days inside (first_day, end_day) from which another formula may hold: within two neighbours every
        value, season and heat-pump mode is the same, so quantities may be summed before they are computed."""
        if not self._needed:
            return []
        days = {date(year, *mark) for year in range(first_day.year, end_day.year + 1) for mark in SEASONS}
        pump = {"heating_from": {"10-01"}, "cooling_from": {"06-01"}}
        for rows in self._rows.values():
            for row in (row for row in rows if row.key != HEAT_UNIT):
                days |= {day for day in (row.valid_from, row.valid_to) if day}
                if row.key in pump:
                    pump[row.key].add(row.value)
        for text in pump["heating_from"] | pump["cooling_from"]:
            for year in range(first_day.year, end_day.year + 1):
                days.add(_day_of(year, int(text[:2]), int(text[3:])))
        return sorted(day for day in days if first_day < day < end_day)


def _day_of(year: int, month: int, day: int) -> date:
    """29 February is 1 March in other years, as the comparison of marks in tariffs.formulas has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, 28) + timedelta(days=1)
