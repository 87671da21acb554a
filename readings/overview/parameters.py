"""The parameters that turn counted quantities into kWh, for many dwellings at once: one or two queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Q

from servers.models import Occupancy
from tariffs.catalogue import ADVANCED
from tariffs.models import Level, ParameterValue
from tariffs.selectors import Dated, Parameters

# prices are left out: they make no energy
ENERGY_KEYS = frozenset({"gas_coefficient", *(parameter.key for parameter in ADVANCED)})
SEASONS = ((3, 21), (6, 21), (9, 21), (12, 21))


class EnergyParameters:
    """`of(dwelling)` are the parameters in force there. Dwellings without a value of their own share one."""

    def __init__(self, buildings: Mapping[int, int], *, needed: bool = True) -> None:
        """`buildings`: dwelling's key → its building's. Where no register needs a formula nothing is loaded."""
        self._buildings = buildings
        self._needed = needed
        here = Q(dwelling=None) | Q(dwelling__building__in=set(buildings.values()))
        rows = ParameterValue.objects.filter(here, key__in=ENERGY_KEYS) if needed else ()
        self._rows: dict[tuple[str, int | None], list[Dated]] = defaultdict(list)
        for row in self._held(rows):
            self._rows[row[0]].append(row[1])
        self._made: dict[tuple[int, int | None], Parameters] = {}

    def of(self, dwelling: int) -> Parameters:
        building = self._buildings[dwelling]
        own = dwelling if ("dwelling", dwelling) in self._rows else None
        if (building, own) not in self._made:
            places = [("programme", None), ("building", building), ("dwelling", own)]
            self._made[building, own] = Parameters(
                row for place in places for row in self._rows.get(place, ())
            )
        return self._made[building, own]

    def cuts(self, first_day: date, end_day: date) -> list[date]:
        """The days inside (first_day, end_day) from which another formula may hold: within two neighbours every
        value, season and heat-pump mode is the same, so quantities may be summed before they are computed."""
        if not self._needed:
            return []
        days = {date(year, *mark) for year in range(first_day.year, end_day.year + 1) for mark in SEASONS}
        pump = {"heating_from": {"10-01"}, "cooling_from": {"06-01"}}
        for rows in self._rows.values():
            for row in rows:
                days |= {day for day in (row.valid_from, row.valid_to) if day}
                if row.key in pump:
                    pump[row.key].add(row.value)
        for text in pump["heating_from"] | pump["cooling_from"]:
            for year in range(first_day.year, end_day.year + 1):
                days.add(_day_of(year, int(text[:2]), int(text[3:])))
        return sorted(day for day in days if first_day < day < end_day)

    def _held(self, rows: Iterable[ParameterValue]) -> Iterable[tuple[tuple[str, int | None], Dated]]:
        """An occupant's own value holds on that person's own days only."""
        rows = list(rows)
        people = {row.changed_by_id for row in rows if row.level == Level.OCCUPANT_DWELLING}
        spans: dict[tuple[int, int], list[tuple[date, date | None]]] = defaultdict(list)
        if people:
            lived = Occupancy.objects.filter(user__in=people)
            for dwelling, user, move_in, move_out in lived.values_list(
                "dwelling_id", "user_id", "move_in", "move_out"
            ):
                spans[dwelling, user].append((move_in, move_out))
        for row in rows:
            place = (
                ("dwelling", row.dwelling_id) if row.dwelling_id
                else ("building", row.building_id) if row.building_id else ("programme", None)
            )  # fmt: skip
            if row.level != Level.OCCUPANT_DWELLING or row.changed_by_id is None or row.dwelling_id is None:
                yield place, Dated(row.key, row.level, row.value, row.valid_from, row.valid_to)
                continue
            for move_in, move_out in spans[row.dwelling_id, row.changed_by_id]:
                start = max(row.valid_from, move_in)
                end = min((day for day in (row.valid_to, move_out) if day), default=None)
                if end is None or start < end:
                    yield place, Dated(row.key, row.level, row.value, start, end)


def _day_of(year: int, month: int, day: int) -> date:
    """29 February is 1 March in other years, as the comparison of marks in tariffs.formulas has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, 28) + timedelta(days=1)
