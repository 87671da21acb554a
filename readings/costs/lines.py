"""Every euro of a consumption page taken apart: line by line, what was counted, what became of it, at which price.

A `Step` holds what was computed alike: one register, month, part of the clock, formula, price and rate of VAT. The
steps of a line sum to it exactly; the line is rounded once, as on the page.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from readings.consumption.breakdown import USAGES, WATERS, Formula, Lookup, Part, Source, formula_of
from readings.consumption.selectors import DwellingMeters
from readings.consumption.standing import Standing, service_of_source
from tariffs.pricing import NOTHING, SERVICES, Cost, standing_cost
from tariffs.units import KWH

STANDING = "standing"
COUNTED = Formula()
ORDER = [
    *(("energy", usage) for usage in USAGES), *(("water", water) for water in WATERS),
    *(("common_energy", usage) for usage in USAGES), *(("common_water", water) for water in WATERS),
    *((STANDING, service) for service in SERVICES),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class How:
    """What steps have in common. `price` in 10⁻⁴ of the currency, net of `vat` (10⁻⁴ percent); of a standing charge
    `stored` is the charge as it is kept. `share`: key, own weight and all weights of a common area."""

    register_id: int
    month: date
    band: int = 0
    price_key: str = ""
    price: int | None = None
    vat: int = 0
    formula: Formula = COUNTED
    share: tuple[str, int, int] | None = None
    stored: str = ""


@dataclass
class Step:
    """Over the days from `first` to `last`. `counted` and `whole` in the register's unit; `amount` in kWh, m³ or, of a
    standing charge, days."""

    how: How
    first: date
    last: date
    days: set[date] = field(default_factory=set)
    counted: Fraction = Fraction(0)
    whole: Fraction = Fraction(0)
    amount: Fraction = Fraction(0)
    cost: Cost = NOTHING
    status: int = 0

    def add(self, part: Part) -> None:
        self.first, self.last = min(self.first, part.day), max(self.last, part.day)
        self.days.add(part.day)
        self.counted += part.counted
        self.whole += part.whole or 0
        self.amount += part.amount
        self.cost += part.cost
        self.status = max(self.status, part.status)

    @property
    def priced_amount(self) -> Fraction:
        """In the unit that the price is for: of heat that is priced by the Gcal, Gcal; of a monthly charge, months."""
        if self.how.stored[:1] == "m":
            return self.amount / monthrange(self.first.year, self.first.month)[1]
        return self.amount / KWH["Gcal"] if self.how.price_key.endswith("_gcal") else self.amount


@dataclass
class Line:
    """A money line of the page: `kind` energy | water | common_energy | common_water | standing, `key` a usage, a
    water or a service. `sources` are the registers it comes from."""

    kind: str
    key: str
    steps: list[Step]
    sources: dict[int, Source]

    @property
    def amount(self) -> Fraction:
        return sum((step.amount for step in self.steps), Fraction(0))

    @property
    def cost(self) -> Cost:
        return sum((step.cost for step in self.steps), NOTHING)

    @property
    def is_common(self) -> bool:
        return self.kind.startswith("common_")


def lines_of(meters: DwellingMeters, first_day: date, end_day: date) -> list[Line]:
    """The lines of [first_day, end_day), in the order of the page; their costs are those of `meters.consumption`."""
    steps: dict[tuple[str, str], dict[How, Step]] = {}
    for part, how in _explained(meters, first_day, end_day):
        found = steps.setdefault((part.kind, part.key), {})
        found.setdefault(how, Step(how, part.day, part.day)).add(part)
    sources = {**meters.sources, **meters.common_sources}
    lines = []
    for kind, key in ORDER:
        if (kind, key) in steps:
            rows = sorted(
                steps[kind, key].values(), key=lambda step: (step.how.register_id, step.first, step.how.band)
            )
            lines.append(
                Line(kind, key, rows, {row.how.register_id: sources[row.how.register_id] for row in rows})
            )
    return [*lines, *_standing_lines(meters, meters.standing(first_day, end_day))]


def _explained(meters: DwellingMeters, first_day: date, end_day: date) -> Iterator[tuple[Part, How]]:
    for part in meters.parts(first_day, end_day):
        yield part, _how(part, meters.sources[part.register_id], meters.value)
    for part in meters.common_parts(first_day, end_day):
        share = meters.shares.share_on(part.day, meters.dwelling.pk)
        source = meters.common_sources[part.register_id]
        yield part, _how(part, source, meters.shares.values.at, share)


def _how(part: Part, source: Source, value: Lookup, share: tuple[str, int, int] | None = None) -> How:
    """The month is told apart because a register's days are shown by the month."""
    is_water = part.kind.endswith("water")
    formula = COUNTED if is_water else formula_of(source, part.key, part.day, value)
    return How(
        part.register_id,
        part.day.replace(day=1),
        part.band,
        part.price_key,
        part.price,
        part.vat,
        formula,
        share,
    )


def _standing_lines(meters: DwellingMeters, charges: Iterable[Standing]) -> Iterator[Line]:
    """A step a month and price; every meter of the service is what the charge is for."""
    steps: dict[str, list[Step]] = {}
    for charge in charges:
        steps.setdefault(charge.service, []).extend(_standing_steps(charge))
    for service in SERVICES:
        if service in steps:
            served = {pk: one for pk, one in meters.sources.items() if service_of_source(one) == service}
            yield Line(STANDING, service, steps[service], served)


def _standing_steps(charge: Standing) -> Iterator[Step]:
    start = charge.first
    while start < charge.end:
        month = start.replace(day=1)
        stop = min(charge.end, month + timedelta(days=monthrange(month.year, month.month)[1]))
        how = How(
            0, month, price_key=f"standing_{charge.service}", price=int(charge.stored[2:]), vat=charge.vat,
            stored=charge.stored,
        )  # fmt: skip
        cost = standing_cost(charge.stored, charge.vat, start, stop)
        yield Step(how, start, stop - timedelta(days=1), amount=Fraction((stop - start).days), cost=cost)
        start = stop
