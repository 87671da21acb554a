"""Metering points at the desk: opened, put out of service, and their list with contract, meter, verification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.lists import ListAsked
from accounts.texts import natural_key
from readings.contract_cards import Chip, chips
from readings.ingest.wallclock import WallClock, as_utc, point_zone
from readings.statements.terms import terms_begin
from servers.doors import visible_points
from servers.models import Meter, MeteringPoint, MeterInstallation
from servers.services.points import point_create, point_stands


@transaction.atomic
def point_open(*, actor: Actor, **fields: Any) -> MeteringPoint:
    """A new point of a contract, charged from this month on. Takes and raises what `point_create` does."""
    point = point_create(actor=actor, **fields)
    terms_begin(actor=actor, point=point)
    return point


@transaction.atomic
def point_retire(*, actor: Actor, point: MeteringPoint, last: date) -> bool:
    """Out of service after its local day `last`: the history stays, the number stays taken. False when it was before.

    Raises `in_future`.
    """
    now, clock = timezone.now(), WallClock(point_zone(point))
    if last > clock.day_of(int(now.timestamp())):
        raise DomainError("in_future", _("This day has not come yet."), field="last")
    end = as_utc(clock.day_start(last + timedelta(days=1)) - 1)
    return point_stands(actor=actor, point=point, retired_at=min(end, now))


@dataclass(frozen=True)
class PointRow:
    point: MeteringPoint
    meter: Meter | None
    chips: list[Chip]


POINT_ORDER: dict[str, Callable[[MeteringPoint], Any]] = {
    "point": lambda point: natural_key(f"{point.number or ''} {point.name}"),
    "contract": lambda point: natural_key(point.contract.number) if point.contract else None,
    "meter": lambda point: getattr(point, "hanging", None) or None,
    "verified": lambda point: getattr(point, "verified_until", None),
}


def points_found(actor: Actor, asked: ListAsked, *, retired: bool = False) -> list[MeteringPoint]:
    """By number, name, address, contract, holder or factory number; folded here, since SQLite folds no Cyrillic."""
    rows = visible_points(actor).filter(retired_at__isnull=not retired)
    rows = rows.select_related("contract", "programme", "building")
    rows = rows.order_by("contract__number", "number", "pk")
    hung = MeterInstallation.objects.filter(point=OuterRef("pk")).order_by(
        F("removed_at").desc(nulls_first=True)
    )
    rows = rows.annotate(
        hanging=Subquery(hung.values("meter__serial")[:1]),
        verified_until=Subquery(hung.values("meter__verified_until")[:1]),
    )
    serials: dict[int, list[str]] = {}
    if asked.q:
        for point, serial in MeterInstallation.objects.values_list("point_id", "meter__serial"):
            serials.setdefault(point, []).append(serial)
    return asked.rows(rows, lambda point: _text(point, serials.get(point.pk, [])), POINT_ORDER)


def _text(point: MeteringPoint, serials: list[str]) -> str:
    words = [point.number or "", point.name, point.address, *serials]
    if point.contract is not None:
        words += [point.contract.number, point.contract.holder]
    return " ".join(words)


def point_rows(points: list[MeteringPoint]) -> list[PointRow]:
    """With the meter that hangs there now, or hung there last: one statement for all of them."""
    meters: dict[int, Meter] = {}
    hung = MeterInstallation.objects.filter(point__in=[point.pk for point in points]).select_related("meter")
    for one in sorted(hung, key=lambda one: (one.removed_at is None, one.installed_at)):
        meters[one.point_id] = one.meter
    return [PointRow(one, meters.get(one.pk), chips(one, meters.get(one.pk))) for one in points]


def point_table(points: list[MeteringPoint]) -> tuple[list[str], list[list[Any]]]:
    header = [
        _("Metering point number"), _("Name"), _("Address"), _("Contract number"), _("Holder"), _("System"),
        _("Meter number"), _("Meter model"), _("Verified on"), _("Verified until"), _("Admitted until"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for row in point_rows(points):
        point, meter, contract = row.point, row.meter, row.point.contract
        rows.append(
            [
                point.number, point.name, point.address, contract.number if contract else "",
                contract.holder if contract else "", point.get_medium_display(), meter.serial if meter else "",
                meter.model if meter else "", meter.verified_on if meter else None,
                meter.verified_until if meter else None, point.admitted_until,
            ]
        )  # fmt: skip
    return header, rows
