"""Contracts and their heat meters as the pages list them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.lists import ListAsked
from accounts.models import Contract
from accounts.templatetags.releve import local_day
from accounts.texts import holds
from readings.archives.selectors import meter_of
from readings.desk.card import card_facts, card_last
from readings.ingest.wallclock import as_utc, point_zone
from readings.models import ArchiveRecord, ArchiveSeries, Reading
from servers.models import Medium, Meter, MeteringPoint

SOON = timedelta(days=60)


CONTRACT_ORDER = {
    "number": ("number",), "holder": ("holder", "number"), "address": ("address", "number"),
    "city": ("city", "address", "number"),
}  # fmt: skip


def contracts_found(rows: QuerySet[Contract], asked: ListAsked) -> QuerySet[Contract]:
    """By number, holder or address, without regard to case: here and not in SQL, since SQLite folds no Cyrillic."""
    if asked.q:
        texts = rows.values_list("pk", "number", "holder", "address", "city").iterator()
        found = [pk for pk, *words in texts if holds(" ".join(words), asked.q)]
        rows = rows.filter(pk__in=found[:1000])
    return asked.ordered(rows.order_by("number", "pk"), CONTRACT_ORDER)


def contracts_table(rows: QuerySet[Contract]) -> tuple[list[str], list[list[Any]]]:
    """The list of contracts to take away."""
    header = [_("Number"), _("Kind"), _("Holder"), _("Address"), _("City")]
    return header, [
        [one.number, str(one.get_kind_display()), one.holder, one.address, one.city] for one in rows
    ]


@dataclass(frozen=True)
class Chip:
    kind: str  # ok, warn, bad
    label: str


def _deadline(until: date | None, today: date, fine: str, over: str) -> Chip | None:
    if until is None:
        return None
    text = f"{until:%m.%Y}"
    if until < today:
        return Chip("bad", over % {"date": text})
    return Chip("warn" if until - today < SOON else "ok", fine % {"date": text})


def chips(point: MeteringPoint, meter: Meter | None) -> list[Chip]:
    """Verification of the meter and admission of the point, warned of two months ahead."""
    today = timezone.now().astimezone(point_zone(point)).date()
    found = [
        _deadline(
            meter.verified_until if meter else None, today,
            _("verified until %(date)s"), _("verification ended %(date)s"),
        ),
        _deadline(
            point.admitted_until, today, _("admitted until %(date)s"), _("admission ended %(date)s")
        ),
    ]  # fmt: skip
    return [chip for chip in found if chip]


def previous_reading(point: MeteringPoint) -> str:
    """The local day up to which the archive reaches; of a meter without one, the day of its last index."""
    series = ArchiveSeries.objects.filter(point=point, kind__in=("hour", "day", "month"))
    last = ArchiveRecord.objects.filter(series__in=series).aggregate(last=Max("start"))["last"]
    if last is None:
        read = Reading.objects.filter(register__installation__point=point, used=True)
        last = read.aggregate(last=Max("at"))["last"]
    return local_day(as_utc(last), point_zone(point)) if last is not None else _("none yet")


def _of_kind(contract: Contract, heat: bool) -> QuerySet[MeteringPoint]:
    """Heat meters are those that keep an archive, and those of heat; the others are read by index."""
    rows = MeteringPoint.objects.filter(contract=contract).select_related("programme", "building")
    with_archive = Q(totals_source=MeteringPoint.TotalsSource.ARCHIVE) | Q(medium=Medium.HEAT)
    return rows.filter(with_archive if heat else ~with_archive).order_by("number", "pk")


def points_retired(contract: Contract, *, heat: bool) -> list[MeteringPoint]:
    """Out of service: their archives stay to be looked at."""
    return list(_of_kind(contract, heat).exclude(retired_at=None))


def point_cards(contract: Contract, *, heat: bool) -> list[dict[str, Any]]:
    cards = []
    for point in _of_kind(contract, heat).filter(retired_at=None):
        meter = meter_of(point)
        cards.append(
            {
                "point": point,
                "meter": meter,
                "chips": chips(point, meter),
                "previous": previous_reading(point),
                "facts": card_facts(point, meter) if heat else [],
                "last": card_last(point) if heat else None,
            }
        )
    return cards
