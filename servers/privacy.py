"""What the servers app holds about a person: where they lived. And the names of its things for the trace."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F

from accounts.access import Actor
from accounts.audit.names import register_names, register_watched
from accounts.audit.selectors import lines_of
from accounts.models import AuditEntry, Programme, User
from accounts.privacy.own import pseudonymise
from accounts.privacy.registry import Table, register_personal_data
from servers.doors import visible_buildings, visible_dwellings, visible_servers
from servers.models import Building, CommandOrder, Device, Dwelling, Meter, Occupancy, OccupantRight, Server
from servers.selectors.looks import looks_of


def _export(user: User, programme: Programme) -> dict[str, Table]:
    homes = (
        Occupancy.objects.filter(user=user).select_related("dwelling", "dwelling__building").order_by("pk")
    )
    orders = CommandOrder.objects.filter(ordered_by=user).select_related("device").order_by("pk")
    exceptions = OccupantRight.objects.filter(occupancy__user=user).select_related(
        "occupancy__dwelling", "common_area", "device", "point"
    )
    actor = Actor(user, programme, frozenset())
    return {
        "occupancies": [
            {"building": one.dwelling.building.name, "dwelling": one.dwelling.name, "name": one.name,
             "move_in": one.move_in, "move_out": one.move_out}
            for one in homes
        ],
        "rights": [
            {"dwelling": one.occupancy.dwelling.name, "right": one.get_right_display(),
             "zone": one.common_area.name if one.common_area else None,
             "thing": (one.device or one.point).name if one.device or one.point else None,
             "allowed": one.allowed, "since": one.changed_at}
            for one in exceptions.order_by("pk")
        ],
        "device_orders": [
            {"device": one.device.name, "command": one.command, "at": one.created_at, "state": one.state}
            for one in orders
        ],
        "looks": [
            {"at": line.at, "who": line.who, "what": line.sentence} for line in lines_of(list(looks_of(actor)))
        ],
    }  # fmt: skip


def _erase(user: User, programme: Programme) -> None:
    """The days of an occupancy stay, for the building's history; whose they were does not. An open one ends today."""
    today = datetime.now(programme.zone).date()
    mine = Occupancy.objects.filter(user=user)
    mine.filter(move_out=None, move_in__lt=today).update(move_out=today)
    mine.filter(move_out=None).update(move_out=F("move_in") + timedelta(days=1))
    for name in filter(None, set(mine.values_list("name", flat=True))):
        pseudonymise(AuditEntry.objects.all(), name, user.public_id.hex[:8])
    mine.update(name="")
    OccupantRight.objects.filter(occupancy__in=mine).delete()  # what was decided about this one person


def _retain(programme: Programme, now: datetime) -> int:
    days = settings.RETENTION_OCCUPANCY_DAYS
    if not days:
        return 0
    before = now.astimezone(programme.zone).date() - timedelta(days=days)
    return int(Occupancy.objects.filter(move_out__lt=before).exclude(name="").update(name=""))


def _named(model: Any, field: str = "name") -> Any:
    def names(targets: Collection[str]) -> dict[str, str]:
        rows = model.objects.filter(public_id__in=targets).values_list("public_id", field)
        return {str(public_id): name for public_id, name in rows}

    return names


def _watched(actor: Actor) -> Iterable[str]:
    for rows in (visible_dwellings(actor), visible_buildings(actor), visible_servers(actor)):
        yield from (str(public_id) for public_id in rows.values_list("public_id", flat=True))


def register() -> None:
    register_personal_data("servers", export=_export, erase=_erase, retain=_retain)
    for kind, model, field in (
        ("dwelling", Dwelling, "name"), ("building", Building, "name"), ("server", Server, "description"),
        ("device", Device, "name"), ("meter", Meter, "serial"),
    ):  # fmt: skip
        register_names(kind, _named(model, field))
    register_watched(_watched)
