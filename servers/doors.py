"""The only doors to what stands in the building. A stranger, and a wrong id, get the same 404.

Staff see the whole programme; an occupant their dwellings; a consumer the metering points of contracts they hold.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.access import Actor, Permission
from accounts.models import Role
from servers.models import Building, CommonArea, Dwelling, Meter, MeteringPoint, Occupancy, Server

PublicId = uuid.UUID | str
STAFF = frozenset({Role.ADMINISTRATOR, Role.OPERATOR})


def _one(rows: QuerySet[Any], public_id: PublicId) -> Any:
    try:
        return rows.get(public_id=uuid.UUID(str(public_id)))
    except (ValueError, rows.model.DoesNotExist):
        raise Http404 from None


def is_staff(actor: Actor) -> bool:
    return bool(actor.roles & STAFF)


def visible_servers(actor: Actor) -> QuerySet[Server]:
    if not actor.may(Permission.SEE_SERVERS):
        return Server.objects.none()
    return Server.objects.filter(removed_at=None)


def visible_buildings(actor: Actor) -> QuerySet[Building]:
    return Building.objects.filter(retired_at=None) if is_staff(actor) else Building.objects.none()


def visible_dwellings(actor: Actor) -> QuerySet[Dwelling]:
    """Staff: all. Occupant: each dwelling they ever lived in (which days they see is `occupied_days`)."""
    dwellings = Dwelling.objects.select_related("building")
    if is_staff(actor):
        return dwellings
    lived_in = Occupancy.objects.filter(user=actor.user).values("dwelling")
    return dwellings.filter(pk__in=lived_in)


def visible_points(actor: Actor) -> QuerySet[MeteringPoint]:
    if is_staff(actor):
        return MeteringPoint.objects.all()
    lived_in = Occupancy.objects.filter(user=actor.user).values("dwelling")
    mine = Q(dwelling__in=lived_in) | Q(contract__claims__user=actor.user, contract__claims__removed_at=None)
    return MeteringPoint.objects.filter(mine).distinct()


def access_server(actor: Actor, public_id: PublicId) -> Server:
    return _one(visible_servers(actor), public_id)


def access_building(actor: Actor, public_id: PublicId) -> Building:
    return _one(visible_buildings(actor), public_id)


def access_dwelling(actor: Actor, public_id: PublicId) -> Dwelling:
    return _one(visible_dwellings(actor), public_id)


def access_common_area(actor: Actor, public_id: PublicId) -> CommonArea:
    rows = CommonArea.objects.select_related("building")
    return _one(rows if is_staff(actor) else rows.none(), public_id)


def access_point(actor: Actor, public_id: PublicId) -> MeteringPoint:
    return _one(visible_points(actor), public_id)


def access_meter(actor: Actor, public_id: PublicId) -> Meter:
    rows = Meter.objects.all() if is_staff(actor) else Meter.objects.none()
    return _one(rows, public_id)


def access_occupancy(actor: Actor, public_id: PublicId) -> Occupancy:
    rows = Occupancy.objects.select_related("dwelling", "user")
    return _one(rows if actor.may(Permission.SEE_OCCUPANTS) else rows.none(), public_id)


def occupied_days(actor: Actor, dwelling: Dwelling) -> list[tuple[date, date | None]]:
    """The half-open spans of local days that this person may see of a dwelling as its occupant, oldest first."""
    return list(
        Occupancy.objects.filter(user=actor.user, dwelling=dwelling)
        .order_by("move_in")
        .values_list("move_in", "move_out")
    )
