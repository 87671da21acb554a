"""Switching devices: queued → sent → done | failed | expired.

A command is told with each heartbeat until its result or its expiry; the server's own journal makes it happen at
most once. A result that comes twice changes nothing, one that comes after the expiry still tells what happened.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.services.audit import audit_record
from servers.models import CommandOrder, Device, DeviceSettings, Server

TTL = timedelta(minutes=10)
MOST_AT_ONCE = 50
MOST_WAITING = 20  # of one device: whoever clicks on and on would keep a shutter going for an hour
_State = CommandOrder.State
WAITING = (_State.QUEUED, _State.SENT)


def device_settings() -> DeviceSettings:
    """How the programme in scope has its devices switched; the defaults where nobody has chosen."""
    found: DeviceSettings | None = DeviceSettings.objects.first()
    return found if found is not None else DeviceSettings()


@transaction.atomic
def device_settings_save(*, actor: Actor, reauth_minutes: int | None, audit: bool) -> None:
    settings = device_settings()
    settings.reauth_minutes, settings.audit = reauth_minutes, audit
    settings.save()
    detail = {"reauth_minutes": reauth_minutes, "audit": audit}
    audit_record(actor=actor, action="device.settings", target_kind="programme", detail=detail)


@transaction.atomic
def command_order(
    *, actor: Actor, device: Device, command: str, key: uuid.UUID | None = None, ttl: timedelta = TTL
) -> CommandOrder:
    """Order one switching. The same `key` and command again (a double click) is the same order.

    Raises `DomainError` device_gone, command_unknown or device_busy.
    """
    if device.retired_at is not None or device.server.removed_at is not None:
        raise DomainError("device_gone", _("This device is no longer there."))
    if command not in device.commands:
        raise DomainError("command_unknown", _("This device does not know that command."))
    now = timezone.now()
    once = uuid.uuid5(key, f"{device.pk} {actor.user.pk} {command}") if key is not None else None
    waiting = CommandOrder.objects.filter(device=device, state__in=WAITING, expires_at__gt=now)
    keys = list(waiting.values_list("key", flat=True))
    if len(keys) >= MOST_WAITING and (once is None or once not in keys):
        raise DomainError("device_busy", _("Many orders wait for this device already; try again later."))
    order = CommandOrder(
        device=device, command=command, ordered_by=actor.user, created_at=now, expires_at=now + ttl, key=once
    )
    CommandOrder.objects.bulk_create([order], ignore_conflicts=True)
    kept: CommandOrder = CommandOrder.objects.get(
        Q(key=once) if once is not None else Q(public_id=order.public_id)
    )
    if kept.public_id == order.public_id and device_settings().audit:
        audit_record(
            actor=actor, action="device.ordered", target_kind="device", target=str(device.public_id),
            detail={"device": device.name, "command": command},
        )  # fmt: skip
    return kept


def commands_expire(*, now: datetime) -> int:
    """Orders of the programme in scope that nobody answered in time; how many."""
    late = CommandOrder.objects.filter(state__in=WAITING, expires_at__lte=now)
    return int(late.update(state=_State.EXPIRED, finished_at=now))


def commands_abandon(*, server: Server, told_only: bool = False) -> int:
    """The box is another one from here on. Its journal does not know what the former one has carried out, so an
    order that was told and not answered is never told again; of a box that was set up anew, only those."""
    states = [_State.SENT] if told_only else WAITING
    orders = CommandOrder.objects.filter(device__server=server, state__in=states)
    return int(orders.update(state=_State.EXPIRED, finished_at=timezone.now()))


@transaction.atomic
def commands_hand_out(*, server: Server) -> list[CommandOrder]:
    """What the server is to do now, oldest first: what it was not told yet, and what it gave no result for."""
    now = timezone.now()
    commands_expire(now=now)
    waiting = CommandOrder.objects.filter(device__server=server, state__in=WAITING)
    orders = list(
        waiting.filter(device__retired_at=None).select_related("device").order_by("pk")[:MOST_AT_ONCE]
    )
    CommandOrder.objects.filter(pk__in=[order.pk for order in orders], state__in=WAITING).update(
        state=_State.SENT, sent_at=Coalesce("sent_at", Value(now, DateTimeField()))
    )
    return orders


@transaction.atomic
def command_result(
    *, server: Server, public_id: uuid.UUID, state: str, message: str, device_state: str | None = None
) -> CommandOrder:
    """The server's answer, and how the device stands since. The same answer again is no fault.

    Raises `DomainError` not_found or result_differs.
    """
    order: CommandOrder | None = (
        CommandOrder.objects.select_for_update(of=("self",))
        .filter(public_id=public_id, device__server=server)
        .first()
    )
    if order is None:
        raise DomainError("not_found", _("There is no such command."))
    if order.state in (_State.DONE, _State.FAILED):
        if order.state != state:
            raise DomainError("result_differs", _("This command has another result already."), status=409)
        return order
    order.state, order.message, order.finished_at = state, message, timezone.now()
    order.save(update_fields=["state", "message", "finished_at"])
    if device_state is not None:
        _device_stands(Q(pk=order.device_id), device_state, order.finished_at)
    return order


@transaction.atomic
def device_states_tell(*, server: Server, states: dict[str, str], at: datetime) -> None:
    """How the devices stand, by ref, as the server says; one it does not name, or that nobody knows, is left."""
    standing = Device.objects.filter(server=server, ref__in=states, retired_at=None)
    for pk, ref, state in standing.values_list("pk", "ref", "state"):
        if states[ref] != state:
            _device_stands(Q(pk=pk), states[ref], at)


def _device_stands(which: Q, state: str, at: datetime) -> None:
    Device.objects.filter(which).exclude(state=state).update(state=state, state_at=at)
