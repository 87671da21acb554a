"""What the own meters of many dwellings cost over a span of days: the same parts, prices and lines as on each one's
page, for all of them by two or three statements. Shares of common areas are told on the dwelling's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from readings.consumption.breakdown import Source, parts_of
from readings.consumption.selectors import Consumption
from readings.consumption.standing import standing_charges
from readings.totals.selectors import quantities_of_spans
from servers.models import Dwelling
from tariffs.selectors import parameters_of_places


def costs_of(
    dwellings: Sequence[Dwelling], sources: Mapping[int, Source], first: date, end: date, zone: ZoneInfo
) -> dict[int, Consumption]:
    """By dwelling, over [first, end). `zone` holds where a building has none of its own; `sources` may hold more."""
    places = {dwelling.pk: (dwelling.pk, dwelling.building_id) for dwelling in dwellings}
    values = dict(zip(places, parameters_of_places(list(places.values())), strict=True))
    own: dict[int, dict[int, Source]] = defaultdict(dict)
    for pk, source in sources.items():
        if source.dwelling_id in places:
            own[source.dwelling_id][pk] = source
    found = {pk: Consumption(first, end, [(first, end)]) for pk in places}
    registers = [pk for mine in own.values() for pk in mine]
    for row in quantities_of_spans(registers, [(first, end)]) if registers else ():
        source = sources[row.register_id]
        pk = source.dwelling_id or 0
        for part in parts_of(source, row.day, row.quantity, row.status, values[pk].at, band=row.band):
            found[pk].add(part)
    for dwelling in dwellings:
        local = ZoneInfo(dwelling.building.time_zone) if dwelling.building.time_zone else zone
        mine = own[dwelling.pk].values()
        for charge in standing_charges(mine, [(first, end)], values[dwelling.pk], local):
            line = found[dwelling.pk].standing[charge.service]
            line.amount, line.cost = line.amount + charge.days, line.cost + charge.cost
    return found
