"""Standing charges: for each service that has a meter in the dwelling, a day's share for each day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from readings.consumption.breakdown import Source
from readings.totals.selectors import first_days
from tariffs.pricing import SERVICES, Cost, standing_cost
from tariffs.selectors import Parameters

KEYS = tuple(f"{kind}_{service}" for kind in ("standing", "vat") for service in SERVICES)
BY_MEDIUM = {
    "electricity": "electricity", "gas": "gas", "cold_water": "water", "hot_water": "hot_water",
    "cooling": "cooling",
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What a service's standing charge comes to over the days [first, end), within which nothing changes. `stored` is
    the charge as it is kept ("d:1234" a day, "m:123400" a month), `vat` in 10⁻⁴ percent."""

    service: str
    first: date
    end: date
    stored: str
    vat: int
    cost: Cost

    @property
    def days(self) -> int:
        return (self.end - self.first).days


def service_of_source(source: Source) -> str | None:
    """A heat meter serves what its heat is used for; a boiler or a heat pump counts with its energy."""
    if source.medium == "heat":
        return source.usage if source.usage in ("hot_water", "cooling") else "heating"
    return BY_MEDIUM.get(source.medium)


def standing_charges(
    sources: Iterable[Source], spans: Sequence[tuple[date, date]], values: Parameters, zone: ZoneInfo
) -> Iterator[Standing]:
    """Over the days of `spans` (apart, oldest first) on which a service's meter stood. Nothing where none is set.

    A box often reads for days before its building is published: a meter stands since the first day that it counted,
    where that is known to be earlier than its installation.
    """
    sources = list(sources)
    if not spans or not _is_charged(values):
        return
    late = [one.register_id for one in sources if _since(one, zone) > spans[0][0]]
    counted = first_days(late) if late else {}
    for service, served in _served(sources, zone, counted).items():
        for start, end in spans:
            begin = max(start, served[0])
            for first, stop in _alike(begin, min(end, served[1] or end), values):
                stored = values.at(f"standing_{service}", first)
                if int(stored[2:]):
                    vat = int(values.at(f"vat_{service}", first))
                    yield Standing(service, first, stop, stored, vat, standing_cost(stored, vat, first, stop))


def _is_charged(values: Parameters) -> bool:
    """Whether any service has, or ever had, a standing charge."""
    keys = [f"standing_{service}" for service in SERVICES]
    return any(int(values.at(key, day)[2:]) for key in keys for day in (date.min, *values.changes([key])))


def _since(source: Source, zone: ZoneInfo) -> date:
    return source.installed_at.astimezone(zone).date() if source.installed_at else date.min


def _served(
    sources: Iterable[Source], zone: ZoneInfo, counted: Mapping[int, date]
) -> dict[str, tuple[date, date | None]]:
    """Service → from the day of its first meter until the day the last one was removed; None: open."""
    found: dict[str, tuple[date, date | None]] = {}
    for source in sources:
        service = service_of_source(source)
        if service is None:
            continue
        since = min(_since(source, zone), counted.get(source.register_id, date.max))
        until = source.removed_at.astimezone(zone).date() + timedelta(days=1) if source.removed_at else None
        if service in found:
            before, after = found[service]
            since = min(since, before)
            until = max(until, after) if until and after else None
        found[service] = (since, until)
    return found


def _alike(start: date, end: date, values: Parameters) -> Iterator[tuple[date, date]]:
    """[start, end) in pieces within which no standing charge or rate changes."""
    if start >= end:
        return
    marks = [start, *(day for day in values.changes(KEYS) if start < day < end), end]
    yield from pairwise(marks)
