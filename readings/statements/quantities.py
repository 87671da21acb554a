"""What a metering point used, day by day, as the charges take it: Gcal and m³ as exact fractions.

An archive point has the heat of its archive and the volume of its supply less that of its return; any other point the
difference of its indexes. A day that has no total, or one that is disputed, is not known: nobody pays for it before
the desk has decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from readings.models import DayTotal, TotalStatus
from servers.models import MeteringPoint, Quantity, Register
from tariffs.units import CUBIC_METRES, KWH, quantity_of

HEAT, VOLUME = "Gcal", "m3"
ARCHIVE_REFS = ("Q_delta", "V_in", "V_out")


@dataclass
class DayValues:
    """By unit and local day: (amount, status). `counts`: the units that the point's meters count at all."""

    known: dict[str, dict[date, tuple[Fraction, int]]] = field(default_factory=lambda: defaultdict(dict))
    disputed: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))


def day_values(points: Iterable[MeteringPoint], first: date, end: date) -> dict[int, DayValues]:
    """Of [first, end), by the point's key. Totals that wait have to be drained before."""
    by_key = {point.pk: point for point in points}
    registers = _registers(by_key)
    found: dict[int, DayValues] = {pk: DayValues() for pk in by_key}
    sums: dict[tuple[int, str, int], tuple[Fraction, int, set[str]]] = {}
    rows = DayTotal.objects.filter(
        register_id__in=list(registers), day__gte=first.toordinal(), day__lt=end.toordinal()
    ).values_list("register_id", "day", "quantity", "status")
    for register, day, quantity, status in rows.iterator(chunk_size=5000):
        point, unit, factor, part = registers[register]
        amount, worst, parts = sums.get((point, unit, day), (Fraction(0), 0, set()))
        sums[point, unit, day] = (amount + quantity * factor, max(worst, _rank(status)), parts | {part})
    need_return = {point for point, _unit, _factor, part in registers.values() if part == "return"}
    for (point, unit, day), (amount, rank, parts) in sums.items():
        at = date.fromordinal(day)
        if "supply" not in parts:
            continue
        lacks_return = unit == VOLUME and point in need_return and "return" not in parts
        if rank == _rank(TotalStatus.DISPUTED) or lacks_return:
            found[point].disputed[unit].add(at)
        else:
            found[point].known[unit][at] = (amount, rank)
    return found


def _rank(status: int) -> int:
    """A disputed part makes the day disputed, whatever else stands in it."""
    order = (TotalStatus.MEASURED, TotalStatus.ESTIMATED, TotalStatus.SUBSTITUTED, TotalStatus.DISPUTED)
    return order.index(TotalStatus(status))


def _registers(points: dict[int, MeteringPoint]) -> dict[int, tuple[int, str, Fraction, str]]:
    """register → (point, unit, what a step is worth, supply or return)."""
    rows: list[dict[str, Any]] = list(
        Register.objects.filter(
            installation__point__in=list(points), kind=Register.Kind.CUMULATIVE,
            quantity__in=(Quantity.ENERGY, Quantity.VOLUME),
        ).values("pk", "ref", "quantity", "unit", "exponent", "tariff_index", "installation_id", "installation__point_id")
    )  # fmt: skip
    whole = {(row["installation_id"], row["quantity"]) for row in rows if not row["tariff_index"]}
    found = {}
    for row in rows:
        point = points[row["installation__point_id"]]
        archived = point.totals_source == MeteringPoint.TotalsSource.ARCHIVE
        if archived and row["ref"] not in ARCHIVE_REFS:
            continue
        if row["tariff_index"] and (row["installation_id"], row["quantity"]) in whole:
            continue  # register 0 or the tariffs' registers, never both
        part = "return" if row["ref"] == "V_out" else "supply"
        factor = _worth(row) * (-1 if part == "return" else 1)
        unit = HEAT if row["quantity"] == Quantity.ENERGY else VOLUME
        found[row["pk"]] = (point.pk, unit, factor, part)
    return found


def _worth(row: dict[str, Any]) -> Fraction:
    step = quantity_of(1, row["exponent"])
    if row["quantity"] == Quantity.ENERGY:
        return step * KWH[row["unit"]] / KWH["Gcal"]
    return step * CUBIC_METRES[row["unit"]]
