"""The only doors to what stands in the building. A stranger, and a wrong id, get the same 404.

Staff see the whole programme, or the buildings they look after (`actor.buildings`); an occupant their dwellings; a
consumer the metering points of contracts they hold. A list of a page starts from a `visible_*` as well.
"""

from __future__ import annotations

import functools
import operator
import uuid
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.access import Actor, Permission
from accounts.models import Role
from servers.models import Building, CommonArea, Device, Dwelling, Meter, MeteringPoint, Occupancy, Server

PublicId = uuid.UUID | str
STAFF = frozenset({Role.ADMINISTRATOR, Role.OPERATOR})


def _one(rows: QuerySet[Any], public_id: PublicId) -> Any:
    try:
        return rows.get(public_id=uuid.UUID(str(public_id)))
    except (ValueError, rows.model.DoesNotExist):
        raise Http404 from None


def is_staff(actor: Actor) -> bool:
    return bool(actor.roles & STAFF)


def in_buildings(actor: Actor, rows: QuerySet[Any], *paths: str) -> QuerySet[Any]:
    """The rows that concern the buildings which this operator looks after; all of them without such bounds.

    `paths` lead from a row to its building ("dwelling__building"); one of them has to arrive.
    """
    if actor.buildings is None:
        return rows
    reached = [Q(**{f"{path}__in": sorted(actor.buildings)}) for path in paths]
    return rows.filter(functools.reduce(operator.or_, reached))


def visible_servers(actor: Actor) -> QuerySet[Server]:
    """An operator of some buildings sees the servers that publish something there."""
    if not actor.may(Permission.SEE_SERVERS):
        return Server.objects.none()
    standing = Server.objects.filter(removed_at=None)
    if actor.buildings is None:
        return standing
    dwellings = in_buildings(actor, Dwelling.objects.exclude(server=None), "building").values("server")
    areas = in_buildings(actor, CommonArea.objects.exclude(server=None), "building").values("server")
    return standing.filter(Q(pk__in=dwellings) | Q(pk__in=areas))


def visible_buildings(actor: Actor) -> QuerySet[Building]:
    """What stands now. Staff: all, or those they look after."""
    if not is_staff(actor):
        return Building.objects.none()
    return in_buildings(actor, Building.objects.filter(retired_at=None), "pk")


def own_dwellings(actor: Actor) -> QuerySet[Dwelling]:
    """Each dwelling that the person ever lived in, whatever else they are (which days they see: `occupied_days`)."""
    lived_in = Occupancy.objects.filter(user=actor.user).values("dwelling")
    return Dwelling.objects.select_related("building").filter(pk__in=lived_in)


def visible_dwellings(actor: Actor) -> QuerySet[Dwelling]:
    """Staff: those of their buildings, and as staff; an occupant: their own (`own_dwellings`)."""
    if is_staff(actor):
        return in_buildings(actor, Dwelling.objects.select_related("building"), "building")
    return own_dwellings(actor)


def visible_common_areas(actor: Actor) -> QuerySet[CommonArea]:
    """Of staff. What an occupant sees of them: servers.rights."""
    rows = CommonArea.objects.select_related("building")
    return in_buildings(actor, rows, "building") if is_staff(actor) else rows.none()


def visible_occupancies(actor: Actor) -> QuerySet[Occupancy]:
    """Who lives and lived in the buildings of an operator."""
    rows = Occupancy.objects.select_related("dwelling", "dwelling__building", "user")
    return (
        in_buildings(actor, rows, "dwelling__building")
        if actor.may(Permission.SEE_OCCUPANTS)
        else rows.none()
    )


POINT_PATHS = ("dwelling__building", "common_area__building", "building")


def visible_points(actor: Actor) -> QuerySet[MeteringPoint]:
    """With their whole history: of staff, and of who holds the contract. An occupant's meters are seen through the
    dwelling's pages, which know their days."""
    if is_staff(actor):
        return in_buildings(actor, MeteringPoint.objects.all(), *POINT_PATHS)
    held = Q(contract__claims__user=actor.user, contract__claims__removed_at=None)
    return MeteringPoint.objects.filter(held).distinct()


def visible_meters(actor: Actor) -> QuerySet[Meter]:
    """Of staff: those that stand or stood at a point of their buildings."""
    if not is_staff(actor):
        return Meter.objects.none()
    if actor.buildings is None:
        return Meter.objects.all()
    return Meter.objects.filter(installations__point__in=visible_points(actor).values("pk")).distinct()


def visible_devices(actor: Actor) -> QuerySet[Device]:
    """Of staff. What an occupant may see and switch of the common areas: servers.rights."""
    if not is_staff(actor):
        return Device.objects.none()
    rows = Device.objects.select_related("server", "dwelling__building", "common_area__building")
    return in_buildings(actor, rows, "dwelling__building", "common_area__building")


def access_server(actor: Actor, public_id: PublicId) -> Server:
    return _one(visible_servers(actor), public_id)


def access_building(actor: Actor, public_id: PublicId) -> Building:
    return _one(visible_buildings(actor), public_id)


def access_dwelling(actor: Actor, public_id: PublicId) -> Dwelling:
    return _one(visible_dwellings(actor), public_id)


def access_common_area(actor: Actor, public_id: PublicId) -> CommonArea:
    return _one(visible_common_areas(actor), public_id)


def access_point(actor: Actor, public_id: PublicId) -> MeteringPoint:
    return _one(visible_points(actor), public_id)


def access_meter(actor: Actor, public_id: PublicId) -> Meter:
    return _one(visible_meters(actor), public_id)


def access_device(actor: Actor, public_id: PublicId) -> Device:
    return _one(visible_devices(actor), public_id)


def access_occupancy(actor: Actor, public_id: PublicId) -> Occupancy:
    return _one(visible_occupancies(actor), public_id)


def occupied_days(actor: Actor, dwelling: Dwelling) -> list[tuple[date, date | None]]:
    """The half-open spans of local days that this person may see of a dwelling as its occupant, oldest first."""
    return list(
        Occupancy.objects.filter(user=actor.user, dwelling=dwelling)
        .order_by("move_in")
        .values_list("move_in", "move_out")
    )
