"""Which register a row of a table, or a value typed by hand, belongs to: by point, meter, and what is counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from readings.archives.totals import COUNTED, EXPONENT, register_of
from readings.imports.closed import period_is_closed
from readings.ingest.resolve import points_called, serial_plain
from readings.tabular.cells import BadCell, same_measure
from servers.models import Medium, MeteringPoint, MeterInstallation, Register

# What a meter without registers of its own is asked for; the vocabulary's names, as totals records have them.
_ASKED: dict[str, tuple[str, ...]] = {
    Medium.HEAT: ("Q_delta", "V_in"), Medium.HOT_WATER: ("V_in",), Medium.COLD_WATER: ("V_in",),
}  # fmt: skip


@dataclass(frozen=True)
class Counter:
    """One counting register of a meter; `register` is None for one that is only made when its first value comes."""

    installation: MeterInstallation
    ref: str
    quantity: str
    unit: str
    exponent: int
    span: int | None
    register: Register | None

    def made(self) -> Register:
        return self.register or register_of(self.installation, self.ref)


def counters_at(point: MeteringPoint, at: int) -> list[Counter]:
    """The counting registers of the meter that hung there at `at`, or of the first one. Raises `BadCell`."""
    if point.totals_source == MeteringPoint.TotalsSource.ARCHIVE:
        raise BadCell("archive_point")
    if point.retired_at is not None and at > point.retired_at.timestamp():
        raise BadCell("out_of_service")
    hung = list(point.installations.select_related("meter").order_by("installed_at", "pk"))
    if not hung:
        raise BadCell("no_meter")
    then = [one for one in hung if one.installed_at.timestamp() <= at]
    one = then[-1] if then else hung[0]
    if one.removed_at is not None and at > one.removed_at.timestamp():
        raise BadCell("no_meter")
    rows = one.registers.filter(kind=Register.Kind.CUMULATIVE, retired_at=None).order_by("tariff_index", "pk")
    found = [Counter(one, row.ref, row.quantity, row.unit, row.exponent, row.span, row) for row in rows]
    have = {counter.ref for counter in found}
    wanted = _ASKED.get(point.medium, ()) if all(ref in COUNTED for ref in have) else ()
    found += [
        Counter(one, ref, COUNTED[ref][0], COUNTED[ref][1], EXPONENT, None, None)
        for ref in wanted
        if ref not in have
    ]
    return found


class Places:
    """Points and counters of one table, each looked up once."""

    def __init__(self, visible: QuerySet[MeteringPoint], chosen: MeteringPoint | None) -> None:
        self._visible = visible
        self._chosen = chosen
        self._points: dict[str, MeteringPoint] = {}
        self._counters: dict[tuple[int, int, int], list[Counter]] = {}
        self._bounds: dict[int, list[float]] = {}
        self._closed: dict[tuple[int, date], bool] = {}

    def point(self, text: str) -> MeteringPoint:
        """By the number of the point, else by the factory number of a meter that hangs at one point."""
        if not text:
            if self._chosen is None:
                raise BadCell("point_needed")
            return self._chosen
        if text not in self._points:
            rows = self._visible.filter(retired_at=None).select_related("programme", "building")
            found = (
                list(rows.filter(number=text)[:2])
                or list(rows.filter(installations__meter__serial=text).distinct()[:2])
                or list(points_called({text}, self._visible).values())
                or list(rows.filter(installations__meter__serial=serial_plain(text)).distinct()[:2])
            )
            if not found:
                raise BadCell("unknown_point")
            if len(found) > 1:
                raise BadCell("ambiguous_point")
            self._points[text] = found[0]
        return self._points[text]

    def closed(self, point: MeteringPoint, day: date) -> bool:
        """Whether the utility has closed the point's period that holds this local day."""
        key = (point.pk, day)
        if key not in self._closed:
            self._closed[key] = period_is_closed(point, day)
        return self._closed[key]

    def counter(self, point: MeteringPoint, wanted: str, at: int, unit: str = "") -> Counter:
        """By ref, or by what is counted; without a word the meter's only counter, or its only one of such a unit."""
        key = (point.pk, *self._stay(point, at))
        if key not in self._counters:
            self._counters[key] = counters_at(point, at)
        counters, word = self._counters[key], wanted.strip().casefold()
        found = [one for one in counters if word in (one.ref.casefold(), one.quantity)] if word else counters
        if not found:
            raise BadCell("unknown_register")
        if len(found) > 1 and unit.strip():
            found = [one for one in found if same_measure(unit, one.unit)] or found
        if len(found) > 1:
            raise BadCell("ambiguous_register")
        return found[0]

    def _stay(self, point: MeteringPoint, at: int) -> tuple[int, int]:
        """Which stretch between two exchanges `at` lies in: within one, a point has the same counters."""
        if point.pk not in self._bounds:
            rows = point.installations.values_list("installed_at", "removed_at")
            known = [*(moment for row in rows for moment in row), point.retired_at]
            self._bounds[point.pk] = sorted(moment.timestamp() for moment in known if moment is not None)
        bounds = self._bounds[point.pk]
        return bisect_left(bounds, at), bisect_right(bounds, at)
