"""Instruments as the pages show them: where they stand and stood, and when their verification ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.texts import natural_key
from servers.columns import last_values
from servers.doors import visible_meters, visible_points
from servers.models import Meter, MeteringPoint, MeterInstallation, Register
from servers.selectors.contents import MeterRow, RegisterRow
from servers.selectors.estate import local_today

SOON = timedelta(days=183)
OVER, DUE, UNKNOWN, ALL = "over", "due", "unknown", "all"


def due_choices() -> list[tuple[str, str]]:
    return [
        (ALL, _("All")), (DUE, _("Within 6 months")), (OVER, _("Over")), (UNKNOWN, _("No date")),
    ]  # fmt: skip


@dataclass(frozen=True)
class DueRow:
    """An installed meter. `kind` is the chip's."""

    installation: MeterInstallation
    label: str
    kind: str

    @property
    def meter(self) -> Meter:
        return self.installation.meter


METER_ORDER: dict[str, Callable[[DueRow], Any]] = {
    "serial": lambda row: natural_key(row.meter.serial),
    "place": lambda row: natural_key(place_of(row.installation.point)),
    "medium": lambda row: str(row.installation.point.get_medium_display()),
    "verified": lambda row: row.meter.verified_on,
    "until": lambda row: row.meter.verified_until,
}


def due_text(row: DueRow) -> str:
    """What the search of the list looks at."""
    return f"{row.meter.serial} {row.meter.manufacturer} {row.meter.model} {place_of(row.installation.point)}"


def due_rows(actor: Actor, which: str) -> list[DueRow]:
    """Meters that stand somewhere, the most urgent first. One query."""
    today = local_today(actor)
    rows = (
        MeterInstallation.objects.filter(removed_at=None, point__in=visible_points(actor).values("pk"))
        .select_related(
            "meter", "point__dwelling__building", "point__common_area__building", "point__contract"
        )
        .order_by(F("meter__verified_until").asc(nulls_last=True), "meter__serial", "pk")
    )
    return [DueRow(row, *_verdict(row.meter.verified_until, today)) for row in _which(rows, which, today)]


def _which(rows: QuerySet[Any], which: str, today: date) -> QuerySet[Any]:
    if which == OVER:
        return rows.filter(meter__verified_until__lt=today)
    if which == UNKNOWN:
        return rows.filter(meter__verified_until=None)
    return rows if which == ALL else rows.filter(meter__verified_until__lt=today + SOON)


def _verdict(until: date | None, today: date) -> tuple[str, str]:
    if until is None:
        return _("no date"), "neutral"
    if until < today:
        return _("over"), "bad"
    return (_("due soon"), "warn") if until < today + SOON else (_("valid"), "ok")


def verification_of(actor: Actor, meter: Meter) -> dict[str, str]:
    label, kind = _verdict(meter.verified_until, local_today(actor))
    return {"label": label, "kind": kind}


def place_of(point: MeteringPoint) -> str:
    """Where a point is, in one line."""
    place = point.dwelling or point.common_area
    if place is not None:
        return f"{place.building.name}, {place.name}"
    return point.address or point.name


def history_of(actor: Actor, meter: Meter) -> list[MeterRow]:
    """Where the meter stands and stood, newest first, with its registers and their last values."""
    here = visible_points(actor).values("pk")
    rows = list(
        MeterInstallation.objects.filter(meter=meter, point__in=here)
        .select_related("meter", "point__dwelling__building", "point__common_area__building")
        .order_by("-installed_at", "-pk")
    )
    registers: dict[int, list[Register]] = defaultdict(list)
    found = Register.objects.filter(installation__in=rows).order_by("quantity", "tariff_index", "ref", "pk")
    for register in found:
        registers[register.installation_id].append(register)
    values = last_values(actor, [register.pk for register in found])
    return [
        MeterRow(
            row.point,
            row,
            [RegisterRow(one, values.get(one.pk)) for one in registers[row.pk]],
            row.removed_at,
        )
        for row in rows
    ]


def neighbours_of(actor: Actor, meter: Meter) -> list[MeterInstallation]:
    """The meters before and after it at its points: an exchange is seen from both sides."""
    points = MeterInstallation.objects.filter(meter=meter).values("point")
    rows = MeterInstallation.objects.filter(point__in=points).exclude(meter=meter)
    rows = rows.filter(meter__in=visible_meters(actor).values("pk"))
    return list(rows.select_related("meter", "point").order_by("-installed_at", "-pk"))
