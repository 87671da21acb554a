"""Devices of common areas as the pages show them, and who may see and switch which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.texts import natural_key
from servers.doors import PublicId, _one, visible_devices
from servers.models import CommandOrder, Device
from servers.rights.decide import rights_of
from servers.templatetags.estate import device_word

State = CommandOrder.State
ORDERS_SHOWN = 20
_CHIPS = {
    State.QUEUED: (lambda: _("waiting for the server"), "neutral"),
    State.SENT: (lambda: _("sent"), "neutral"),
    State.DONE: (lambda: _("done"), "ok"),
    State.FAILED: (lambda: _("failed"), "bad"),
    State.EXPIRED: (lambda: _("expired"), "warn"),
}


def _standing() -> QuerySet[Device]:
    rows = Device.objects.filter(retired_at=None, server__removed_at=None)
    return rows.select_related("server", "common_area__building", "dwelling__building")


def devices_seen(actor: Actor) -> list[Device]:
    """Staff: those of the common areas of their buildings; an occupant: what they were given, and their dwelling's."""
    if actor.may(Permission.SEE_PROGRAMME):
        return list(visible_devices(actor).filter(retired_at=None, server__removed_at=None, dwelling=None))
    rights = rights_of(actor)
    return [device for device in _standing() if rights.controls(device)]


def access_seen_device(actor: Actor, public_id: PublicId) -> Device:
    """The door to a device's page; staff also find one that is gone, with its history."""
    if actor.may(Permission.SEE_PROGRAMME):
        return _one(visible_devices(actor).filter(dwelling=None), public_id)
    return access_switched_device(actor, public_id)


def access_switched_device(actor: Actor, public_id: PublicId) -> Device:
    """The door to its commands: an operator's common areas, and what an occupant was given."""
    device: Device = _one(_standing(), public_id)
    if not may_switch(actor, device):
        raise Http404
    return device


def may_switch(actor: Actor, device: Device) -> bool:
    if not actor.may(Permission.SWITCH_DEVICES) or device.retired_at or device.server.removed_at:
        return False
    return rights_of(actor).controls(device)


def device_rows(actor: Actor) -> list[dict[str, Any]]:
    """For the list: `device`, and `waiting`, whether an order of it is under way. Two queries."""
    devices = sorted(devices_seen(actor), key=_order)
    under_way = CommandOrder.objects.filter(
        device__in=devices, state__in=[State.QUEUED, State.SENT], expires_at__gt=timezone.now()
    )
    waiting = set(under_way.values_list("device_id", flat=True))
    return [{"device": device, "waiting": device.pk in waiting} for device in devices]


DEVICE_ORDER: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda row: natural_key(row["device"].name),
    "zone": lambda row: _order(row["device"]),
    "kind": lambda row: device_word(row["device"].kind),
}


def device_text(row: dict[str, Any]) -> str:
    """What the search of the list looks at."""
    device: Device = row["device"]
    place = device.common_area or device.dwelling
    return " ".join([device.name, str(place or ""), place.building.name if place is not None else ""])


def _order(device: Device) -> tuple[Any, ...]:
    place = device.common_area or device.dwelling
    building = place.building.name if place is not None else ""
    return natural_key(building), natural_key(str(place)), natural_key(device.name), device.pk


@dataclass(frozen=True)
class OrderRow:
    """`at`: when it came to its present state. `by`: who ordered it, empty for who may not know."""

    order: CommandOrder
    label: str
    kind: str
    at: datetime
    by: str
    message: str


@dataclass(frozen=True)
class Orders:
    rows: list[OrderRow]
    waiting: bool  # one is under way: the page looks again


def orders_of(actor: Actor, device: Device, most: int | None = ORDERS_SHOWN) -> Orders:
    """The last orders (or all: `most` None), newest first. An occupant sees their own only."""
    orders = CommandOrder.objects.filter(device=device).select_related("ordered_by").order_by("-pk")
    staff = actor.may(Permission.SEE_PROGRAMME)
    if not staff:
        orders = orders.filter(ordered_by=actor.user)
    now = timezone.now()
    rows = [_row(order, now, staff) for order in orders[:most]]
    return Orders(
        rows, any(row.order.state in (State.QUEUED, State.SENT) and row.kind != "warn" for row in rows)
    )


def _row(order: CommandOrder, now: datetime, staff: bool) -> OrderRow:
    state = State(order.state)
    if state in (State.QUEUED, State.SENT) and order.expires_at <= now:
        state = State.EXPIRED  # nobody has come by to write it down
    label, kind = _CHIPS[state]
    at = order.finished_at or order.sent_at or order.created_at
    if state == State.EXPIRED:
        at = order.expires_at
    by = str(order.ordered_by or "") if staff else ""
    return OrderRow(order, label(), kind, at, by, order.message if state == State.FAILED else "")
