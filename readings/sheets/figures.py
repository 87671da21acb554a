"""What a sheet says, as plain values that are stored with it: kWh and m³ as decimal texts, money in minor units.

Contents: EU directive 2023/1791 annex VIII and France R. 241-14-1, R. 742-2 (docs of the field): last month, the
month before, the same month last year, an average comparable dwelling, the calendar year so far, how it was read,
the prices, the energy mix, and whom to turn to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from readings.consumption.breakdown import USAGES, WATERS, Source
from readings.consumption.hours import readings_around
from readings.consumption.periods import Period, period_of
from readings.consumption.selectors import Consumption, DwellingMeters, Spans, Sum, clipped
from readings.consumption.table import exact
from readings.models import BuildingMonth, SheetSettings
from readings.overview.comparable import Average, average_of
from readings.overview.uses import Estate, Use, estate_of
from servers.models import Dwelling, Register
from tariffs.catalogue import TARIFFS
from tariffs.pricing import service_of, to_minor_units
from tariffs.units import quantity_of


def settings_of_programme() -> SheetSettings:
    """Those of the programme in scope; the defaults where nobody has saved any."""
    return SheetSettings.objects.first() or SheetSettings()


def sheet_figures(
    dwelling: Dwelling, visible: Spans, month: date, *, euros: bool, fresh: bool = False
) -> dict[str, Any]:
    """Empty where nothing is known of the month. `visible`: the person's own days, nothing else is counted; `fresh`
    counts the neighbours anew as well, which the sheets of a building share otherwise."""
    period = period_of("month", month)
    meters = DwellingMeters(dwelling, visible)
    now = meters.consumption(period.first_day, period.end_day)
    if not now.has_data:
        return {}
    times, known = _times(dwelling, visible, period)
    average = building_average(dwelling, period, fresh=fresh)
    settings = settings_of_programme()
    return {
        "euros": euros,
        "days": sum(now.is_visible(day) for day in period.days()),
        "known_days": len(now.days),
        "known": known,
        "estimated": any(one.status for one in now.lines),
        "usages": _rows(USAGES, times["usages"], now.usages, average.usages if average else None, euros),
        "waters": _rows(WATERS, times["waters"], now.waters, average.waters if average else None, euros),
        "shares": _shares(now, euros),
        "total": {"now": now.total_minor} if euros and now.is_priced else {},
        "priced": now.is_priced and all(line.cost.complete for line in now.lines),
        "average": {"dwellings": average.dwellings, "by_area": average.by_area} if average else None,
        "prices": _prices(meters, period) if euros else [],
        "indexes": _indexes(meters.sources, period, visible, meters_zone(dwelling)),
        "heat_unit": meters.value("heat_unit", period.end_day - timedelta(days=1)),
        "mix": settings.energy_mix,
        "mix_note": settings.mix_note,
        "contacts": settings.contacts,
    }  # fmt: skip


def meters_zone(dwelling: Dwelling) -> ZoneInfo:
    return ZoneInfo(dwelling.building.time_zone or dwelling.programme.time_zone)


Amounts = dict[str, dict[str, Fraction]]  # time -> usage or water -> amount


def _times(dwelling: Dwelling, visible: Spans, period: Period) -> tuple[dict[str, Amounts], dict[str, int]]:
    """Exact amounts of the four times, summed by the database, and how many days of each are known. Money is told of
    the month alone, so only its days are priced one by one."""
    before, year_ago = period.before, period.year_before
    january = period.first_day.replace(month=1)
    windows = {
        "year_ago": (year_ago.first_day, year_ago.end_day),
        "earlier": (january, max(january, before.first_day)),
        "before": (before.first_day, before.end_day),
        "now": (period.first_day, period.end_day),
    }
    pieces = [(name, *span) for name, window in windows.items() for span in clipped(visible, *window)]
    found = Estate({dwelling.pk: dwelling.building_id}).uses([(start, end) for _name, start, end in pieces])
    sums: dict[str, Amounts] = {"usages": defaultdict(dict), "waters": defaultdict(dict)}
    seconds: dict[str, int] = defaultdict(int)
    for (name, start, _end), uses in zip(pieces, found, strict=True):
        use = uses.get(dwelling.pk)
        if use is None:
            continue
        seconds[name] += use.seconds
        names = [] if name == "earlier" else [name]
        names += ["year"] if start >= january else []
        for kind, amounts in (("usages", use.usages), ("waters", use.waters)):
            for time_name in names:
                for key, amount in amounts.items():
                    times = sums[kind][time_name]
                    times[key] = times.get(key, Fraction(0)) + amount
    return sums, {name: seconds[name] // 86400 for name in ("now", "before", "year_ago")}


def _rows(
    keys: Iterable[str],
    times: Amounts,
    now: Mapping[str, Sum],
    average: Mapping[str, Fraction] | None,
    euros: bool,
) -> list[dict[str, Any]]:
    """A usage (or water) that any of the times knows; an amount that is not known is absent."""
    found = []
    for key in keys:
        row: dict[str, Any] = {"key": key}
        for name in ("now", "before", "year_ago", "year"):
            if key in times.get(name, {}):
                row[name] = str(exact(times[name][key]))
        if len(row) == 1:
            continue
        if average and key in average:
            row["average"] = str(exact(average[key]))
        one = now.get(key)
        if euros and one is not None and (one.cost.exact or one.cost.complete):
            row["minor"], row["complete"] = to_minor_units(one.cost.exact), one.cost.complete
        found.append(row)
    return found


def _shares(now: Consumption, euros: bool) -> list[dict[str, Any]]:
    """The dwelling's share of common areas, and standing charges in days."""
    found = []
    for kind in ("common", "common_waters", "standing"):
        for key, one in getattr(now, kind, {}).items():
            row: dict[str, Any] = {"kind": kind, "key": key, "amount": str(exact(one.amount))}
            if euros and (one.cost.exact or one.cost.complete):
                row["minor"] = to_minor_units(one.cost.exact)
            found.append(row)
    return found


def _prices(meters: DwellingMeters, period: Period) -> list[dict[str, str]]:
    """The prices on the last day of the month that any of its parts was priced with; net where there is a `vat`."""
    last = period.end_day - timedelta(days=1)
    keys = {getattr(part, "price_key", "") for part in meters.parts(period.first_day, period.end_day)}
    found = []
    for parameter in TARIFFS:
        if parameter.kind == "price" and parameter.key in keys:
            value = meters.value(parameter.key, last)
            if value and int(value):
                vat = meters.value(f"vat_{service_of(parameter.key)}", last)
                found.append({"key": parameter.key, "price": value, **({"vat": vat} if int(vat) else {})})
    return found


def _indexes(
    sources: Mapping[int, Source], period: Period, visible: Spans, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """What each meter stood at when the month (or the stay) began and ended: the nearest readings, told apart
    from read ones by their instants."""
    first = max(period.first_day, min((start for start, _end in visible), default=period.first_day))
    ends = [end for _start, end in visible if end]
    last = min(period.end_day, max(ends)) if len(ends) == len(visible) and ends else period.end_day
    start, end = (int(datetime.combine(day, time(), zone).timestamp()) for day in (first, last))
    found = []
    names = {
        pk: (serial, name)
        for pk, serial, name in Register.objects.filter(pk__in=list(sources)).values_list(
            "pk", "installation__meter__serial", "installation__point__name"
        )
    }
    for pk, course in readings_around(sources, start, end).items():
        inside = [reading for reading in course.readings if start <= reading[0] <= end] or list(
            course.readings
        )
        if not inside:
            continue
        source, (opening, closing) = sources[pk], (inside[0], inside[-1])
        found.append({
            "serial": names[pk][0], "name": names[pk][1], "unit": source.unit, "medium": source.medium,
            "usage": source.usage, "tariff": source.tariff_index,
            "opening": str(exact(quantity_of(opening[1], source.exponent))), "opened_at": opening[0],
            "closing": str(exact(quantity_of(closing[1], source.exponent))), "closed_at": closing[0],
        })  # fmt: skip
    return found


def building_average(dwelling: Dwelling, period: Period, *, fresh: bool = False) -> Average | None:
    """From the building's month, which is counted once for all of its sheets."""
    uses = counted_month(dwelling, period) if fresh else building_month(dwelling, period)
    areas = {int(pk): one["area"] for pk, one in uses.items()}
    known = {
        int(pk): Use(_fractions(one["usages"]), _fractions(one["waters"]), one["seconds"])
        for pk, one in uses.items()
        if one["seconds"]
    }
    return average_of(dwelling.pk, known, areas, period.length)


def building_month(dwelling: Dwelling, period: Period) -> dict[str, Any]:
    row = BuildingMonth.objects.filter(building=dwelling.building_id, month=period.first_day).first()
    if row is None:
        row, _created = BuildingMonth.objects.get_or_create(
            building=dwelling.building,
            month=period.first_day,
            defaults={"uses": counted_month(dwelling, period)},
        )
    stored: dict[str, Any] = row.uses
    return stored


def counted_month(dwelling: Dwelling, period: Period) -> dict[str, Any]:
    dwellings = list(Dwelling.objects.filter(building=dwelling.building_id, retired_at=None))
    (sums,) = estate_of(dwellings).uses([(period.first_day, period.end_day)])
    return {str(one.pk): _stored(one, sums.get(one.pk) or Use()) for one in dwellings}


def _stored(dwelling: Dwelling, use: Use) -> dict[str, Any]:
    return {
        "area": dwelling.area_cm2,
        "seconds": use.seconds,
        "usages": {key: str(amount) for key, amount in use.usages.items()},
        "waters": {key: str(amount) for key, amount in use.waters.items()},
    }


def _fractions(texts: Mapping[str, str]) -> dict[str, Fraction]:
    return {key: Fraction(text) for key, text in texts.items()}
