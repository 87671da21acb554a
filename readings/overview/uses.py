"""What each of many dwellings used over several windows of days: sums by the database, formulas once a sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from django.db.models import Case, IntegerField, Max, Q, Sum, Value, When

from readings.consumption.breakdown import USAGES, Source, parts_of
from readings.consumption.selectors import sources_of
from readings.models import DayTotal, TotalStatus
from readings.overview.parameters import EnergyParameters
from readings.totals.plans import page_by_page
from servers.models import Dwelling, Register
from tariffs.selectors import Held
from tariffs.units import CUBIC_METRES, KWH, quantity_of, to_cubic_metres, to_kwh

Window = tuple[date, date]
SPLIT = frozenset({"boiler", "heat_pump", "heat_pump_dhw"})


@dataclass
class Use:
    """kWh by usage and m³ by water of one dwelling over one window. `seconds`: how much of the time is known at the
    metering point that knows least; `estimated`: some of it is not plainly measured."""

    usages: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    waters: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    seconds: int = 0
    estimated: bool = False

    @property
    def energy(self) -> Fraction:
        return sum(self.usages.values(), Fraction(0))

    def of(self, kind: str) -> dict[str, Fraction]:
        return self.waters if kind == "water" else self.usages


@dataclass(frozen=True, slots=True)
class Plain:
    """A step of the register is `scale` kWh (kind `energy`) or m³ (kind `water`) of `key`, on every day."""

    kind: str
    key: str
    scale: Fraction


def plain_of(source: Source) -> Plain | None:
    """None where a parameter has a say, or where the register counts nothing that anybody reads."""
    if needs_formula(source):
        return None
    step = quantity_of(1, source.exponent)
    if source.quantity == "energy" and source.unit in KWH and source.usage in USAGES:
        return Plain("energy", source.usage, to_kwh(step, source.unit))
    if source.medium == "cold_water" and source.quantity == "volume" and source.unit in CUBIC_METRES:
        return Plain("water", "cold_water", to_cubic_metres(step, source.unit))
    return None


class Estate:
    """Dwellings (key → building's key) with their counting registers and energy parameters, loaded once.

    `sources` of these dwellings and `held` parameters: where they are loaded already.
    """

    def __init__(
        self,
        buildings: Mapping[int, int],
        *,
        sources: Mapping[int, Source] | None = None,
        held: Iterable[Held] | None = None,
    ) -> None:
        self.buildings = buildings
        if sources is None:
            sources = sources_of(Register.objects.filter(installation__point__dwelling__in=list(buildings)))
        self.sources = sources
        needed = any(map(needs_formula, self.sources.values()))
        self.parameters = EnergyParameters(buildings, needed=needed, held=held)

    def uses(self, windows: Sequence[Window], *, only: Iterable[int] | None = None) -> list[dict[int, Use]]:
        """By window, by dwelling; a dwelling of which nothing is known is absent. Windows do not overlap."""
        wanted = self._registers(only)
        found: list[dict[int, Use]] = [{} for _window in windows]
        pieces = self._pieces(windows)
        known: dict[tuple[int, int, int], dict[tuple[str, int], int]] = defaultdict(lambda: defaultdict(int))
        plain: dict[tuple[int, int, Plain], int] = defaultdict(int)
        for register, piece, steps, seconds, worst in self._sums(wanted, pieces):
            source = self.sources[register]
            at, start = pieces[piece][0], pieces[piece][1]
            if source.dwelling_id is None:
                continue
            use = found[at].setdefault(source.dwelling_id, Use())
            as_it_is = self._plain.get(register)
            if as_it_is is not None:
                plain[at, source.dwelling_id, as_it_is] += int(steps)
            elif not self._computed(use, source, start, int(steps), worst):
                continue
            use.estimated = use.estimated or _is_estimated(source, worst)
            key = (at, source.dwelling_id, source.point_id)
            known[key][source.quantity, source.tariff_index] += int(seconds)
        for (at, dwelling, one), total in plain.items():
            found[at][dwelling].of(one.kind)[one.key] += total * one.scale
        self._cover(found, known)
        return found

    @cached_property
    def _plain(self) -> dict[int, Plain]:
        """The registers that need no formula: their steps are added as whole numbers and brought to kWh or m³ once."""
        found = ((pk, plain_of(source)) for pk, source in self.sources.items())
        return {pk: plain for pk, plain in found if plain is not None}

    def _computed(self, use: Use, source: Source, day: date, steps: int, worst: int) -> bool:
        """Add what the formulas make of it; False where it is nothing that anybody reads."""
        value = self.parameters.of(source.dwelling_id or 0).at
        parts = list(parts_of(source, day, steps, worst, value))
        for part in parts:
            use.of(part.kind)[part.key] += part.amount
        return bool(parts)

    def _registers(self, only: Iterable[int] | None) -> list[int]:
        if only is None:
            return list(self.sources)
        dwellings = set(only)
        return [pk for pk, source in self.sources.items() if source.dwelling_id in dwellings]

    def _pieces(self, windows: Sequence[Window]) -> list[tuple[int, date, date]]:
        """(window's place, first day, end): each window cut where a formula changes."""
        return [
            (at, start, end)
            for at, (first, last) in enumerate(windows)
            for start, end in pairwise([first, *self.parameters.cuts(first, last), last])
            if start < end
        ]

    @staticmethod
    def _sums(
        registers: list[int], pieces: Sequence[tuple[int, date, date]]
    ) -> Iterable[tuple[int, int, int, int, int]]:
        """(register, piece, steps, seconds covered, worst status): one statement."""
        if not registers or not pieces:
            return []
        spans = [(start.toordinal(), end.toordinal()) for _at, start, end in pieces]
        asked = Q()
        for start, end in _joined(spans):
            asked |= Q(day__gte=start, day__lt=end)
        piece = Case(
            *(When(day__gte=a, day__lt=b, then=Value(n)) for n, (a, b) in enumerate(spans)),
            output_field=IntegerField(),
        )
        rows: Iterable[tuple[int, int, int, int, int]] = (
            DayTotal.objects.filter(asked, register_id__in=registers)
            .annotate(piece=piece)
            .values("register_id", "piece")
            .annotate(steps=Sum("quantity"), known=Sum("seconds"), worst=Max("status"))
            .order_by()
            .values_list("register_id", "piece", "steps", "known", "worst")
        )
        with page_by_page():
            return list(rows)

    @staticmethod
    def _cover(
        found: list[dict[int, Use]], known: Mapping[tuple[int, int, int], Mapping[tuple[str, int], int]]
    ) -> None:
        """A point knows as much as its best-known quantity (its tariff registers count the same time); a dwelling
        as much as its least-known point."""
        least: dict[tuple[int, int], int] = {}
        for (at, dwelling, _point), seconds in known.items():
            most = max(seconds.values())
            least[at, dwelling] = min(most, least.get((at, dwelling), most))
        for (at, dwelling), most in least.items():
            found[at][dwelling].seconds = most


def _is_estimated(source: Source, worst: int) -> bool:
    """Electricity that the clock divides is estimated by its bands between two readings; its day is not."""
    by_clock = source.medium == "electricity" and not source.tariff_index
    return worst > TotalStatus.ESTIMATED or (worst == TotalStatus.ESTIMATED and not by_clock)


def needs_formula(source: Source) -> bool:
    """Whether its energy depends on a parameter; the rest is counted as energy, for one usage."""
    return source.usage in SPLIT or (source.quantity == "volume" and source.medium != "cold_water")


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring spans as one, so that the database asks for a range and not for a list of pieces."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def estate_of(dwellings: Iterable[Dwelling]) -> Estate:
    return Estate({dwelling.pk: dwelling.building_id for dwelling in dwellings})
