"""When a server was last heard, what it says about itself, and whether it is one agent that speaks."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from servers.models import Server
from servers.services.people import tell_staff

PAST_KEPT = 20  # runs of an agent that are remembered; a box that restarts day by day keeps three weeks


def server_let_in(*, removed: bool, suspended: bool) -> None:
    """Raises `DomainError` "unauthorized" or "suspended" for a server that may not bring anything."""
    if removed:
        raise DomainError("unauthorized", _("This server has been removed from its programme."))
    if suspended:
        raise DomainError("suspended", _("This server is suspended: resume it first."))


def server_seen(*, server: Server, at: datetime) -> None:
    """The server was here at `at` (the portal's clock). Never goes back in time."""
    earlier = Q(last_sync_at=None) | Q(last_sync_at__lt=at)
    Server.objects.filter(earlier, pk=server.pk).update(last_sync_at=at)


def server_spool_tell(*, server: Server, pending: int | None, oldest: datetime | None) -> None:
    """How many readings wait on the box, and since when; None where it did not say."""
    Server.objects.filter(pk=server.pk).update(spool_pending=pending, spool_oldest=oldest)


@transaction.atomic
def server_instance_tell(*, server: Server, instance: str) -> None:
    """Which run of an agent speaks. A run that another one followed never speaks again, unless there are two."""
    if not instance or instance == server.instance:
        return
    known = Server.objects.select_for_update().get(pk=server.pk)
    if instance == known.instance:
        return
    twin = instance in known.past_instances
    past = [one for one in known.past_instances if one != instance]
    if known.instance:
        past.append(known.instance)
    known.instance, known.past_instances = instance, past[-PAST_KEPT:]
    known.save(update_fields=["instance", "past_instances"])
    if twin:
        server_twin_alarm(server=known)


@transaction.atomic
def server_twin_alarm(*, server: Server) -> None:
    """Two agents have this server's identity: its page says so, and its people get one mail."""
    fresh = Server.objects.filter(pk=server.pk, twin_alarm_at=None, removed_at=None)
    if fresh.update(twin_alarm_at=timezone.now()):
        tell_staff(kind="server_twin", server=server)


def server_instances_forget(*, server: Server) -> None:
    """Somebody has looked into it, or another box took over: from here on it counts anew."""
    Server.objects.filter(pk=server.pk).update(instance="", past_instances=[], twin_alarm_at=None)
