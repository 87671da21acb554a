"""A server that falls silent: its operators are told once, and once more when it is back.

One that comes and goes does not write two mails each time: after each alarm it must be silent twice as long for the
next one, until a day has passed without.

Silence is judged by a job that runs each minute. Who was away is not always the server: after the portal itself
stood still, servers get a few minutes to be heard before anybody is alarmed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from accounts.tenancy import tenant_scope
from servers.models import Server, ServerCredential
from servers.services.commands import commands_expire
from servers.services.people import tell_operators

NEVER = 0
GRACE = timedelta(minutes=5)
_AWAKE_SINCE = "server-watch-awake-since"
CALM = timedelta(days=1)  # so long without an alarm, and the next one comes at the first time again
LONGEST = timedelta(hours=12)  # of silence, however often it came and went: then its people are told
_WATCHED = timedelta(minutes=10)  # a watch that did not run for so long was away


def silent_after(server: Server) -> timedelta | None:
    """How long this server may be silent before its operators are told; None: for ever."""
    minutes = server.silent_after_minutes
    minutes = settings.SERVER_SILENT_AFTER_MINUTES if minutes is None else minutes
    return None if minutes == NEVER else timedelta(minutes=minutes)


def _told_lately(server: Server, now: datetime) -> int:
    """How often its people were told of its silence since it was calm for a day."""
    if server.silent_last_at is None or now - server.silent_last_at >= CALM:
        return 0
    return int(server.silent_lately)


def _long_enough(server: Server, silence: timedelta, now: datetime) -> bool:
    """Whether a silence is worth an alarm, after those of late."""
    limit = silent_after(server)
    if limit is None:
        return False
    wanted: timedelta = limit * 2 ** min(_told_lately(server, now), 10)
    return silence > max(limit, min(LONGEST, wanted))


def all_servers_watch(*, now: datetime) -> None:
    """Each programme that has a connected box, in a scope of its own."""
    awake = _awake(now)
    connected = ServerCredential.objects.filter(token_digest__isnull=False)
    for programme_id in sorted(set(connected.values_list("programme_id", flat=True))):
        with tenant_scope(programme_id):
            commands_expire(now=now)
            servers_watch(now=now, alarm=awake)


def _awake(now: datetime) -> bool:
    """Whether the portal has been listening long enough to call somebody silent."""
    since = datetime.fromisoformat(cache.get(_AWAKE_SINCE, now.isoformat()))
    cache.set(_AWAKE_SINCE, since.isoformat(), timeout=_WATCHED.total_seconds())
    return now - since >= GRACE


@transaction.atomic
def servers_watch(*, now: datetime, alarm: bool = True) -> None:
    """The servers of the programme in scope. Run twice, or by two at once, it tells once."""
    connected = Server.objects.filter(removed_at=None, activated_at__isnull=False)
    for server in connected:
        heard = server.last_sync_at or server.activated_at
        assert heard is not None
        limit = silent_after(server)
        watched = limit is not None and server.suspended_at is None
        silent = watched and limit is not None and heard < now - limit
        if server.silent_alerted_at is not None and not silent:
            _came_back(server, heard, tell=watched)
        elif server.silent_alerted_at is None and silent and alarm and _long_enough(server, now - heard, now):
            _fell_silent(server, now, heard)


def _fell_silent(server: Server, now: datetime, heard: datetime) -> None:
    # not when it has been heard while we looked
    unheard = Q(last_sync_at=server.last_sync_at)
    times = _told_lately(server, now) + 1
    still = Server.objects.filter(unheard, pk=server.pk, silent_alerted_at=None)
    if still.update(silent_alerted_at=now, silent_last_at=now, silent_lately=min(times, 1000)):
        tell_operators(kind="server_silent", server=server, since=heard.isoformat(), times=times)


def _came_back(server: Server, heard: datetime, *, tell: bool) -> None:
    alerted = Server.objects.filter(pk=server.pk, silent_alerted_at=server.silent_alerted_at)
    if alerted.update(silent_alerted_at=None) and tell:
        tell_operators(kind="server_back", server=server, at=heard.isoformat())
