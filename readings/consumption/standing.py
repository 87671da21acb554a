"""Standing charges: for each service that has a meter in the dwelling, a day's share for each day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from readings.consumption.breakdown import Source
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
    """Over the days of `spans` (apart, oldest first) on which a service's meter stood. Nothing where none is set."""
    for service, served in _served(sources, zone).items():
        for start, end in spans:
            begin = max(start, served[0]) if served[0] else start
            for first, stop in _alike(begin, min(end, served[1] or end), values):
                stored = values.at(f"standing_{service}", first)
                if int(stored[2:]):
                    vat = int(values.at(f"vat_{service}", first))
                    yield Standing(service, first, stop, stored, vat, standing_cost(stored, vat, first, stop))


def _served(sources: Iterable[Source], zone: ZoneInfo) -> dict[str, tuple[date | None, date | None]]:
    """Service → from the day of its first meter until the day the last one was removed; None: open."""
    found: dict[str, tuple[date | None, date | None]] = {}
    for source in sources:
        service = service_of_source(source)
        if service is None:
            continue
        since = source.installed_at.astimezone(zone).date() if source.installed_at else None
        until = source.removed_at.astimezone(zone).date() + timedelta(days=1) if source.removed_at else None
        if service in found:
            before, after = found[service]
            since = min(since, before) if since and before else None
            until = max(until, after) if until and after else None
        found[service] = (since, until)
    return found


def _alike(start: date, end: date, values: Parameters) -> Iterator[tuple[date, date]]:
    """[start, end) in pieces within which no standing charge or rate changes."""
    if start >= end:
        return
    marks = [start, *(day for day in values.changes(KEYS) if start < day < end), end]
    yield from pairwise(marks)
