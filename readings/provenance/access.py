"""Whose figures a person may trace: the same as they may see, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import Actor, Permission, parse_public_id
from readings.ingest.wallclock import point_zone
from servers.doors import is_staff, occupied_days, visible_points
from servers.models import MeteringPoint, Register
from servers.rights.decide import rights_of

Spans = Sequence[tuple[date, date | None]]
EVER: Spans = [(date(2000, 1, 1), None)]


@dataclass(frozen=True)
class Traced:
    """A register (with installation, meter, point and place) and the local days of it that the reader may see."""

    register: Register
    visible: Spans
    zone: ZoneInfo

    def sees(self, day: date) -> bool:
        return any(start <= day and (end is None or day < end) for start, end in self.visible)


def _registers() -> QuerySet[Register]:
    place = "installation__point__"
    return Register.objects.select_related(
        "installation__meter", f"{place}dwelling__building", f"{place}common_area__building", f"{place}building",
        f"{place}contract", f"{place}programme",
    )  # fmt: skip


def days_of(actor: Actor, point: MeteringPoint) -> Spans:
    """Who looks after consumption sees all days; a consumer those of their contract; an occupant their own. A meter
    of a common area takes the right to see it: to pay a share of it is not enough (docs/decisions/0014)."""
    seeing = Permission.SEE_CONSUMPTION if is_staff(actor) else Permission.SEE_OWN_CONTRACTS
    if actor.may(seeing) and visible_points(actor).filter(pk=point.pk).exists():
        return EVER
    if not actor.may(Permission.SEE_OWN_HOME):
        return []
    if point.dwelling is not None:
        return occupied_days(actor, point.dwelling)
    rights = rights_of(actor)
    if point.common_area is None or not rights.sees_meter(point):
        return []
    return rights.days_of(point.common_area)


def access_traced(actor: Actor, public_id: str) -> Traced:
    """404 for a stranger, for a wrong id, and for whoever may see no day of it."""
    wanted = parse_public_id(public_id)
    register = _registers().filter(public_id=wanted).first() if wanted else None
    if register is None:
        raise Http404
    point = register.installation.point
    visible = days_of(actor, point)
    if not visible:
        raise Http404
    return Traced(register, visible, point_zone(point))


def traced_at(actor: Actor, points: QuerySet[MeteringPoint]) -> list[Traced]:
    """The registers at these points, in the order of what they measure."""
    rows = _registers().filter(installation__point__in=points.values("pk"))
    found = []
    days: dict[int, Spans] = {}
    for register in rows.order_by(
        "installation__point__medium", "installation__point_id", "installation__installed_at", "quantity",
        "tariff_index", "pk",
    ):  # fmt: skip
        point = register.installation.point
        if point.pk not in days:
            days[point.pk] = days_of(actor, point)
        if days[point.pk]:
            found.append(Traced(register, days[point.pk], point_zone(point)))
    return found
