"""Meters that a scan found and nobody has placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.access import Actor, Permission
from accounts.texts import natural_key
from servers.doors import PublicId, _one, visible_servers
from servers.models import FoundMeter, Server
from servers.services.found import placed_serials, plain_serial


def visible_found(actor: Actor) -> QuerySet[FoundMeter]:
    rows = FoundMeter.objects.select_related("server")
    if not actor.may(Permission.MANAGE_METERS):
        return rows.none()
    return rows.filter(server__in=visible_servers(actor).values("pk"))


def access_found(actor: Actor, public_id: PublicId) -> FoundMeter:
    found: FoundMeter = _one(visible_found(actor), public_id)
    return found


FOUND_ORDER: dict[str, Callable[[FoundMeter], Any]] = {
    "serial": lambda found: natural_key(found.serial),
    "medium": lambda found: str(found.get_medium_display()),
    "server": lambda found: natural_key(found.server.description),
    "address": lambda found: natural_key(found.address) if found.address else None,
    "seen": lambda found: found.last_seen_at,
    "note": lambda found: natural_key(found.note) if found.note else None,
}


def found_text(found: FoundMeter) -> str:
    """What the search of the list looks at."""
    return f"{found.serial} {found.manufacturer} {found.get_medium_display()} {found.server.description} {found.note}"


@dataclass(frozen=True)
class Queue:
    """What waits for a place, and what somebody has put aside."""

    waiting: list[FoundMeter]
    dismissed: list[FoundMeter]


def found_queue(actor: Actor, server: Server | None = None) -> Queue:
    """A published meter has its place: it is left out, whoever published it."""
    rows = visible_found(actor).order_by("server__description", "address", "serial", "pk")
    if server is not None:
        rows = rows.filter(server=server)
    placed = placed_serials() if rows else set()
    loose = [row for row in rows if plain_serial(row.serial) not in placed]
    return Queue(
        [row for row in loose if row.dismissed_at is None],
        [row for row in loose if row.dismissed_at is not None],
    )


def found_waiting(actor: Actor, server: Server) -> int:
    return len(found_queue(actor, server).waiting)
