"""The consumption of a dwelling over local days, within the days that the reader may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from readings.consumption.breakdown import Part, Source, parts_of
from readings.consumption.common import CommonShares
from readings.consumption.standing import Standing, standing_charges
from readings.models import TotalStatus
from readings.totals.drain import totals_drain
from readings.totals.selectors import DayQuantity, quantities_of_spans
from servers.models import Dwelling, Register
from tariffs.pricing import NOTHING, Cost, to_minor_units
from tariffs.selectors import Parameters, held_values, place_of

Spans = Sequence[tuple[date, date | None]]


@dataclass
class Sum:
    """An exact amount with its cost and the worst status of its parts."""

    amount: Fraction = Fraction(0)
    cost: Cost = NOTHING
    status: TotalStatus = TotalStatus.MEASURED

    def add(self, part: Part) -> None:
        self.amount += part.amount
        self.cost += part.cost
        self.status = max(self.status, TotalStatus(part.status))


@dataclass
class Consumption:
    """What a dwelling used over [first_day, end_day): by usage, by water, and by day and usage."""

    first_day: date
    end_day: date
    visible: Spans
    usages: dict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    waters: dict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    days: dict[date, dict[str, Sum]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Sum)))
    # the dwelling's share of the common areas, by usage or water, and the standing charges of each service in days
    common: dict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    common_waters: dict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    standing: dict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))

    def add(self, part: Part) -> None:
        if part.kind == "common_energy":
            self.common[part.key].add(part)
        elif part.kind == "common_water":
            self.common_waters[part.key].add(part)
        elif part.kind == "water":
            self.waters[part.key].add(part)
        else:
            self.usages[part.key].add(part)
            self.days[part.day][part.key].add(part)

    @property
    def energy(self) -> Fraction:
        return sum((one.amount for one in self.usages.values()), Fraction(0))

    @property
    def lines(self) -> list[Sum]:
        """The money lines: one a usage, one a kind of water, the same of the common areas, one a standing charge."""
        common = (*self.common.values(), *self.common_waters.values())
        return [*self.usages.values(), *self.waters.values(), *common, *self.standing.values()]

    @property
    def is_priced(self) -> bool:
        """False where nothing of it has a price, which is not the same as costing nothing."""
        return any(line.cost.exact for line in self.lines) or all(line.cost.complete for line in self.lines)

    @property
    def total_minor(self) -> int:
        """The sum of the lines as they are shown, each rounded once: a reader who adds them up finds it."""
        return sum(to_minor_units(line.cost.exact) for line in self.lines)

    @property
    def has_data(self) -> bool:
        return bool(self.days or self.waters)

    def is_visible(self, day: date) -> bool:
        return any(start <= day and (end is None or day < end) for start, end in self.visible)


class DwellingMeters:
    """A dwelling's counting registers and parameters, loaded once; `consumption` reads any span of days from them.

    Days outside `visible` are never read. With `neighbour_keys` the other dwellings of the building are loaded by the
    same statements, with their values of these keys, for the average of them.
    """

    def __init__(self, dwelling: Dwelling, visible: Spans, *, neighbour_keys: Collection[str] = ()) -> None:
        self.dwelling, self.visible = dwelling, visible
        self.held = held_values(dwelling, neighbours=neighbour_keys)
        shared = [row for row in self.held if place_of(row)[0] is None]
        self.values = Parameters([*shared, *(row for row in self.held if place_of(row)[0] == dwelling.pk)])
        self.value = self.values.at
        self.zone = ZoneInfo(dwelling.building.time_zone or dwelling.programme.time_zone)
        self.shares = CommonShares(dwelling.building_id, Parameters(shared), self.zone)
        point = "installation__point"
        wanted = Q(**{f"{point}__dwelling": dwelling})
        if neighbour_keys:
            wanted |= Q(**{f"{point}__dwelling__building": dwelling.building_id})
        if self.shares.is_used:
            wanted |= Q(**{f"{point}__common_area__building": dwelling.building_id})
        self.found = sources_of(Register.objects.filter(wanted))
        self.sources = {pk: one for pk, one in self.found.items() if one.dwelling_id == dwelling.pk}
        self.common_sources = {pk: one for pk, one in self.found.items() if one.dwelling_id is None}
        self._read: list[tuple[date, date, list[DayQuantity]]] = []
        # a page shows what has arrived: its own registers' waiting changes come first
        registers = (*self.sources, *self.common_sources)
        totals_drain(programme_id=dwelling.programme_id, registers=registers)

    def read(self, spans: Sequence[tuple[date, date]]) -> None:
        """Load the totals of several spans by one statement; what asks for days within them asks the database no more."""
        wanted = [one for first, end in spans for one in clipped(self.visible, first, end)]
        if wanted:
            rows = quantities_of_spans((*self.sources, *self.common_sources), wanted)
            self._read += [(a, b, [row for row in rows if a <= row.day < b]) for a, b in wanted]

    def _rows(self, sources: Mapping[int, Source], start: date, end: date) -> Iterator[DayQuantity]:
        if not any(a <= start and end <= b for a, b, _rows in self._read):
            self.read([(start, end)])
        kept = next((rows for a, b, rows in self._read if a <= start and end <= b), [])
        return (row for row in kept if row.register_id in sources and start <= row.day < end)

    def consumption(self, first_day: date, end_day: date) -> Consumption:
        """What was used over [first_day, end_day), each day priced with its own day's price."""
        result = Consumption(first_day, end_day, self.visible)
        for part in (*self.parts(first_day, end_day), *self.common_parts(first_day, end_day)):
            result.add(part)
        for charge in self.standing(first_day, end_day):
            line = result.standing[charge.service]
            line.amount, line.cost = line.amount + charge.days, line.cost + charge.cost
        return result

    def parts(self, first_day: date, end_day: date) -> Iterator[Part]:
        """The same, part by part: what a register counted on a day for one usage or as water."""
        for start, end in clipped(self.visible, first_day, end_day):
            for row in self._rows(self.sources, start, end):
                source = self.sources[row.register_id]
                yield from parts_of(source, row.day, row.quantity, row.status, self.value, band=row.band)

    def common_parts(self, first_day: date, end_day: date) -> Iterator[Part]:
        """The dwelling's share of the common areas, on the days that the reader may see."""
        for start, end in clipped(self.visible, first_day, end_day) if self.common_sources else ():
            for row in self._rows(self.common_sources, start, end):
                source = self.common_sources[row.register_id]
                yield from self.shares.parts(source, row, self.dwelling.pk)

    def standing(self, first_day: date, end_day: date) -> Iterator[Standing]:
        """The standing charges of the days that the reader may see, today included and none to come."""
        tomorrow = timezone.now().astimezone(self.zone).date() + timedelta(days=1)
        spans = clipped(self.visible, first_day, min(end_day, tomorrow))
        return standing_charges(self.sources.values(), spans, self.values, self.zone)


def clipped(visible: Spans, first_day: date, end_day: date) -> list[tuple[date, date]]:
    """`visible` within [first_day, end_day), without overlaps, oldest first."""
    spans: list[tuple[date, date]] = []
    for start, end in sorted(visible, key=lambda span: span[0]):
        begin = max(start, first_day, spans[-1][1] if spans else first_day)
        stop = min(end or end_day, end_day)
        if begin < stop:
            spans.append((begin, stop))
    return spans


def sources_of(registers: QuerySet[Register]) -> dict[int, Source]:
    """The cumulative registers that count, by id. Tariff registers 1…n win over register 0: never both."""
    rows = list(
        registers.filter(kind=Register.Kind.CUMULATIVE).values_list(
            "pk", "installation_id", "quantity", "unit", "exponent", "tariff_index",
            "installation__point__medium", "installation__point__usage", "installation__point_id",
            "installation__point__dwelling_id", "installation__point__dwelling__public_id",
            "installation__installed_at", "installation__removed_at",
        )
    )  # fmt: skip
    by_tariff = {
        (installation, quantity) for _pk, installation, quantity, _u, _e, tariff, *_ in rows if tariff
    }
    heated = {row[8] for row in rows if row[2] == "energy"}
    return {
        pk: Source(
            pk,
            medium,
            usage,
            quantity,
            unit,
            exponent,
            tariff,
            point in heated,
            dwelling,
            public_id,
            point,
            *stood,
        )
        for pk, installation, quantity, unit, exponent, tariff, medium, usage, point, dwelling, public_id, *stood in rows
        if tariff or (installation, quantity) not in by_tariff
    }
