"""The last value of a register, for the pages of the estate (servers.columns)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from accounts.access import Actor, Permission
from accounts.templatetags.releve import unit_name, with_unit
from readings.models import Reading
from servers.columns import LastValue
from servers.doors import occupied_days
from servers.models import MeteringPoint, Register
from servers.rights.decide import rights_of

DIGITS = {"m3": 3, "m3/h": 3}


def last_values_of(actor: Actor, register_ids: Sequence[int]) -> dict[int, LastValue]:
    """One query of two index seeks a register. An occupant sees no value from before their move-in or after, and of
    common areas what they have the right to."""
    newest = Reading.objects.filter(register=OuterRef("pk"), used=True).order_by("-at")
    rows = Register.objects.filter(pk__in=register_ids).annotate(
        last_at=Subquery(newest.values("at")[:1]), last_value=Subquery(newest.values("value")[:1])
    )
    found = {}
    allowed = _Allowed(actor, register_ids)
    for pk, unit, exponent, at, value in rows.values_list("pk", "unit", "exponent", "last_at", "last_value"):
        if at is not None and allowed.sees(pk, at):
            amount = Decimal(value).scaleb(exponent)
            text = with_unit(amount, unit_name(unit), DIGITS.get(unit, 1))
            found[pk] = LastValue(text, datetime.fromtimestamp(at, UTC))
    return found


class _Allowed:
    """Staff see all; an occupant the instants of their own local days, cut in the zone of the metering point."""

    def __init__(self, actor: Actor, register_ids: Sequence[int]) -> None:
        self.actor = actor
        self.staff = actor.may(Permission.SEE_PROGRAMME)
        self.points: dict[int, MeteringPoint] = {}
        self.spans: dict[int, list[tuple[float, float]]] = {}
        if not self.staff:
            self.rights = rights_of(actor)
            rows = Register.objects.filter(pk__in=register_ids).select_related(
                "installation__point__dwelling__building", "installation__point__common_area__building"
            )  # fmt: skip
            self.points = {register.pk: register.installation.point for register in rows}

    def sees(self, register: int, at: int) -> bool:
        if self.staff:
            return True
        point = self.points[register]
        if point.pk not in self.spans:
            self.spans[point.pk] = self._spans(point)
        return any(start <= at < end for start, end in self.spans[point.pk])

    def _spans(self, point: MeteringPoint) -> list[tuple[float, float]]:
        place = point.dwelling or point.common_area
        zone = ZoneInfo(
            point.time_zone or (place.building.time_zone if place else "") or self.actor.programme.time_zone
        )
        return [
            (
                datetime.combine(move_in, time(), zone).timestamp(),
                datetime.combine(move_out, time(), zone).timestamp() if move_out else float("inf"),
            )
            for move_in, move_out in self._days(point)
        ]

    def _days(self, point: MeteringPoint) -> list[tuple[date, date | None]]:
        if point.dwelling is not None:
            return occupied_days(self.actor, point.dwelling)
        if point.common_area is not None and self.rights.sees_meter(point):
            return self.rights.days_of(point.common_area)
        return []
