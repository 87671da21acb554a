"""What a metering point is charged for beside what it uses: the heat load of its contract, and when its month ends.

Dated, so that other terms from today on change no month that is closed already.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.services.audit import audit_record
from readings.models import PointTerms
from readings.statements.money import month_after, month_before
from servers.models import MeteringPoint

DAY = timedelta(days=1)
LOAD_DIGITS = 6  # a load is kept in 10⁻⁶ Gcal/h
MOST_LOAD = 10_000  # Gcal/h: more than a city takes
_LOAD = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,6}))?", re.ASCII)


@dataclass(frozen=True)
class Terms:
    """`rows`: (valid_from, load in 10⁻⁶ Gcal/h, reporting day), oldest first. Without any, the point is charged from
    ever, by calendar months."""

    rows: tuple[tuple[date, int, int], ...] = ()

    def charged_on(self, day: date) -> bool:
        return not self.rows or day >= self.rows[0][0]

    def load_on(self, day: date) -> int:
        return self._row(day)[1]

    def last_day(self, month: date) -> date:
        """Of the period that bears the name of `month` (a first day)."""
        day = self._row(month)[2]
        return month.replace(day=day) if day else month_after(month) - DAY

    def days_of(self, month: date) -> list[date]:
        """From the day after the last period's end: whatever changes, no day is in two periods or in none."""
        first = self.last_day(month_before(month)) + DAY
        return [first + n * DAY for n in range((self.last_day(month) - first).days + 1)]

    def month_of(self, day: date) -> date:
        """Whose period holds this day."""
        month = day.replace(day=1)
        return month if day <= self.last_day(month) else month_after(month)

    def _row(self, day: date) -> tuple[date, int, int]:
        at = bisect_right(self.rows, day, key=lambda row: row[0])
        return self.rows[at - 1] if at else (date.min, 0, 0)


NO_TERMS = Terms()


def terms_of(points: Iterable[MeteringPoint]) -> dict[int, Terms]:
    """By the point's key, for those that have any; one statement for all of them."""
    found: dict[int, list[tuple[date, int, int]]] = defaultdict(list)
    rows = PointTerms.objects.filter(point__in=list(points)).order_by("valid_from")
    for point, *row in rows.values_list("point_id", "valid_from", "load", "reporting_day"):
        found[point].append((row[0], row[1], row[2]))
    return {point: Terms(tuple(each)) for point, each in found.items()}


def load_of_text(text: str) -> int:
    """10⁻⁶ Gcal/h of what a person typed, comma or point. Raises `bad_load`."""
    found = _LOAD.fullmatch(re.sub(r"\s", "", text))
    load = int(found[1]) * 10**LOAD_DIGITS + int((found[2] or "").ljust(LOAD_DIGITS, "0")) if found else -1
    if not 0 <= load <= MOST_LOAD * 10**LOAD_DIGITS:
        raise DomainError(
            "bad_load",
            _("Give the load in Gcal/h with at most six decimals, for example 0,35."),
            field="load",
        )
    return load


def load_number(load: int) -> Decimal:
    """Gcal/h, without zeros at its end."""
    return Decimal(load).scaleb(-LOAD_DIGITS).normalize() + 0


@transaction.atomic
def terms_set(
    *, actor: Actor, point: MeteringPoint, valid_from: date, load: int, reporting_day: int = 0
) -> PointTerms:
    """The terms from that day on; others of the same day give way."""
    before = PointTerms.objects.filter(point=point, valid_from=valid_from).first()
    made: PointTerms
    made, _created = PointTerms.objects.update_or_create(
        point=point, valid_from=valid_from,
        defaults={"load": load, "reporting_day": reporting_day, "set_by": actor.user, "set_at": timezone.now()},
    )  # fmt: skip
    if before is None or (before.load, before.reporting_day) != (load, reporting_day):
        _audit(actor, point, "point.terms_set", valid_from, load)
    return made


@transaction.atomic
def terms_drop(*, actor: Actor, point: MeteringPoint, valid_from: date) -> bool:
    """Take a row back. False when there is none (any more)."""
    row = PointTerms.objects.filter(point=point, valid_from=valid_from).first()
    if row is None:
        return False
    load = row.load
    row.delete()
    _audit(actor, point, "point.terms_dropped", valid_from, load)
    return True


def terms_begin(*, actor: Actor, point: MeteringPoint) -> None:
    """A new point is charged from the first day of the present month: what its archive tells of months before was
    paid in another way, and is no surprise on the first bill."""
    today = timezone.now().astimezone(point.programme.zone).date()
    terms_set(actor=actor, point=point, valid_from=today.replace(day=1), load=0)


def terms_of_point(point: MeteringPoint) -> Terms:
    return terms_of([point]).get(point.pk, NO_TERMS)


def _audit(actor: Actor, point: MeteringPoint, action: str, valid_from: date, load: int) -> None:
    audit_record(
        actor=actor, action=action, target_kind="point", target=str(point.public_id),
        detail={"name": point.number or point.name, "day": valid_from.isoformat(), "load": str(load_number(load))},
    )  # fmt: skip
