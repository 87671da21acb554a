"""The rows of `export_totals`: totals under the names that the gateways published.

A meter that was exchanged, or a register whose resolution changed, is one row a day: the refs and the unit name
the series, not our keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from readings.models import TotalStatus
from readings.totals.selectors import day_quantities, in_unit, month_quantities
from servers.models import MeterRef, Register

HEADER = ("server", "meter", "register", "quantity", "unit", "tariff_band", "start", "value", "status")


@dataclass(frozen=True, slots=True, order=True)
class _Series:
    server: str
    meter: str
    register: str
    quantity: str
    unit: str


def total_rows(*, by: str, first_day: date, end_day: date) -> Iterator[tuple[str, ...]]:
    """Sorted by server, meter, register, then time and band; `by` is "day" or "month". In the programme's scope."""
    for series, registers in sorted(_series().items()):
        cells: dict[tuple[date, int], tuple[Decimal, int]] = {}
        for start, band, value, status in _values(by, registers, first_day, end_day):
            before, worst = cells.get((start, band), (None, 0))
            cells[start, band] = (value if before is None else before + value, max(worst, status))
        for (start, band), (value, status) in sorted(cells.items()):
            yield (
                series.server,
                series.meter,
                series.register,
                series.quantity,
                series.unit,
                str(band),
                start.isoformat(),
                f"{value:f}",
                TotalStatus(status).name.lower(),
            )


def _values(
    by: str, registers: dict[int, int], first_day: date, end_day: date
) -> Iterator[tuple[date, int, Decimal, int]]:
    if by == "month":
        for m in month_quantities(registers, first_day, end_day):
            yield m.month, m.band, in_unit(m.quantity, registers[m.register_id]), m.status
    else:
        for d in day_quantities(registers, first_day, end_day):
            yield d.day, d.band, in_unit(d.quantity, registers[d.register_id]), d.status


def _series() -> dict[_Series, dict[int, int]]:
    """Series → its registers (key → exponent). A meter that no server publishes goes by its factory number."""
    refs = {
        meter: (server, ref)
        for meter, server, ref in MeterRef.objects.order_by("pk").values_list(
            "meter_id", "server__serial", "ref"
        )
    }
    found: dict[_Series, dict[int, int]] = defaultdict(dict)
    rows = Register.objects.filter(kind=Register.Kind.CUMULATIVE).values_list(
        "pk", "exponent", "ref", "quantity", "unit", "installation__meter_id", "installation__meter__serial"
    )
    for pk, exponent, ref, quantity, unit, meter, number in rows:
        server, name = refs.get(meter, ("", number))
        found[_Series(server, name, ref, quantity, unit)][pk] = exponent
    return found
