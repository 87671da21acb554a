"""Switching devices: queued → sent → done | failed | expired.

A command is told with each heartbeat until its result or its expiry; the server's own journal makes it happen at
most once. A result that comes twice changes nothing, one that comes after the expiry still tells what happened.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from servers.models import CommandOrder, Device, Server

TTL = timedelta(minutes=10)
MOST_AT_ONCE = 50
_State = CommandOrder.State
WAITING = (_State.QUEUED, _State.SENT)


@transaction.atomic
def command_order(*, actor: Actor, device: Device, command: str, ttl: timedelta = TTL) -> CommandOrder:
    """Order one switching. Raises `DomainError` device_gone or command_unknown."""
    if device.retired_at is not None or device.server.removed_at is not None:
        raise DomainError("device_gone", _("This device is no longer there."))
    if command not in device.commands:
        raise DomainError("command_unknown", _("This device does not know that command."))
    now = timezone.now()
    order = CommandOrder(
        device=device, command=command, ordered_by=actor.user, created_at=now, expires_at=now + ttl
    )
    order.save()
    return order


@transaction.atomic
def commands_hand_out(*, server: Server) -> list[CommandOrder]:
    """What the server is to do now, oldest first: what it was not told yet, and what it gave no result for."""
    now = timezone.now()
    waiting = CommandOrder.objects.filter(device__server=server, state__in=WAITING)
    late = waiting.filter(expires_at__lte=now).values("pk")
    CommandOrder.objects.filter(pk__in=late).update(state=_State.EXPIRED, finished_at=now)
    orders = list(
        waiting.filter(device__retired_at=None).select_related("device").order_by("pk")[:MOST_AT_ONCE]
    )
    CommandOrder.objects.filter(pk__in=[order.pk for order in orders], state__in=WAITING).update(
        state=_State.SENT, sent_at=Coalesce("sent_at", Value(now, DateTimeField()))
    )
    return orders


@transaction.atomic
def command_result(*, server: Server, public_id: uuid.UUID, state: str, message: str) -> CommandOrder:
    """The server's answer. Raises `DomainError` not_found or result_differs; the same answer again is no fault."""
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
    return order
