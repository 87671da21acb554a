"""Servers as the pages show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Actor
from accounts.templatetags.releve import unit_name
from accounts.texts import natural_key
from servers.doors import visible_dwellings
from servers.models import CommonArea, Dwelling, Publication, Server
from servers.serials import serial_grouped
from servers.services.publication_faults import faults_told


@dataclass(frozen=True)
class ServerState:
    """`kind` is the chip's: ok, warn, bad or neutral."""

    code: str
    label: str
    kind: str


def state_of(server: Server) -> ServerState:
    """online, offline (silent longer than the setting), suspended or not activated."""
    if server.activated_at is None:
        return ServerState("not_activated", _("not activated"), "neutral")
    if server.suspended_at is not None:
        return ServerState("suspended", _("suspended"), "warn")
    minutes = server.silent_after_minutes or settings.SERVER_SILENT_AFTER_MINUTES
    silent_since = timezone.now() - timedelta(minutes=minutes)
    if server.last_sync_at is not None and server.last_sync_at >= silent_since:
        return ServerState("online", _("online"), "ok")
    return ServerState("offline", _("offline"), "bad")


def server_rows(servers: QuerySet[Server]) -> list[dict[str, Any]]:
    return [
        {"server": server, "state": state_of(server)}
        for server in servers.order_by("description", "serial", "pk")
    ]


def server_text(row: dict[str, Any]) -> str:
    """What the search of the list looks at: the serial number with and without its dashes."""
    server: Server = row["server"]
    return f"{server.serial} {serial_grouped(server.serial)} {server.description} {row['state'].label}"


SERVER_ORDER: dict[str, Callable[[dict[str, Any]], Any]] = {
    "serial": lambda row: row["server"].serial,
    "description": lambda row: natural_key(row["server"].description),
    "state": lambda row: row["state"].label,
    "published": lambda row: row["server"].published_at,
    "heard": lambda row: row["server"].last_sync_at,
}


BY_DWELLING_ORDER: dict[str, Callable[[Dwelling], Any]] = {
    "name": lambda dwelling: natural_key(dwelling.name),
    "building": lambda dwelling: (natural_key(dwelling.building.name), natural_key(dwelling.name)),
    "serial": lambda dwelling: dwelling.server.serial if dwelling.server else "",
    "description": lambda dwelling: natural_key(dwelling.server.description) if dwelling.server else (),
    "heard": lambda dwelling: dwelling.server.last_sync_at if dwelling.server else None,
}


def dwelling_text(dwelling: Dwelling) -> str:
    server = dwelling.server
    assert server is not None
    return f"{dwelling.name} {dwelling.building.name} {server.serial} {serial_grouped(server.serial)} {server.description}"


def dwellings_with_servers(actor: Actor) -> QuerySet[Dwelling]:
    """Every standing dwelling that a present server publishes, by building and name."""
    return (
        visible_dwellings(actor)
        .filter(retired_at=None, server__removed_at=None, server__isnull=False)
        .select_related("building", "server")
        .order_by("building__name", "name", "ref", "pk")
    )


BLANK = " "
KIND_LABELS = {
    "buildings": lambda: _("Buildings"),
    "dwellings": lambda: _("Dwellings"),
    "common_areas": lambda: _("Common areas"),
    "meters": lambda: _("Meters"),
    "registers": lambda: _("Registers"),
    "devices": lambda: _("Devices"),
}
CHANGE_LABELS = {
    "new": lambda: pgettext("publication", "new"),
    "renamed": lambda: pgettext("publication", "renamed"),
    "moved": lambda: pgettext("publication", "moved"),
    "exchanged": lambda: pgettext("publication", "exchanged"),
    "changed": lambda: pgettext("publication", "changed"),
    "vanished": lambda: pgettext("publication", "vanished"),
}
STATE_CHIPS = {
    Publication.State.QUEUED: (lambda: _("queued"), "neutral"),
    Publication.State.RUNNING: (lambda: _("running"), "neutral"),
    Publication.State.DONE: (lambda: _("applied"), "ok"),
    Publication.State.REFUSED: (lambda: pgettext("publication", "refused"), "bad"),
}


def publishes_elsewhere(actor: Actor, server: Server) -> bool:
    """Does it publish a building that this operator does not look after? Its publications name that as well."""
    if actor.buildings is None:
        return False
    return any(
        model.objects.filter(server=server).exclude(building__in=actor.buildings).exists()
        for model in (Dwelling, CommonArea)
    )


def publications_of(actor: Actor, server: Server) -> QuerySet[Publication]:
    """Newest first, without their documents; none for who looks after a part of what it publishes."""
    rows = Publication.objects.filter(server=server).defer("document", "body_sha256").order_by("-pk")
    return rows.none() if publishes_elsewhere(actor, server) else rows


def publication_rows(publications: Iterable[Publication]) -> list[dict[str, Any]]:
    """With their difference or their faults in words."""
    return [
        {
            "publication": publication,
            "state": {
                "label": STATE_CHIPS[Publication.State(publication.state)][0](),
                "kind": STATE_CHIPS[Publication.State(publication.state)][1],
            },
            "changes": _changes(publication.difference),
            "faults": faults_told(publication.faults[:20]),
            "more_faults": max(0, len(publication.faults) - 20),
        }
        for publication in publications
    ]


def _changes(difference: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "kind": KIND_LABELS[kind](),
            "change": CHANGE_LABELS[change](),
            "count": found["count"],
            "items": [_in_words(kind, item) for item in found["items"][:12]],
            "more": max(0, found["count"] - 12),
        }
        for kind in KIND_LABELS
        for change, found in difference.get(kind, {}).items()
    ]


# a register's entry names its unit as the API does: "heat-101/energy (m3)", or old "m3" and new "kWh"
_UNIT_AT_END = re.compile(r"(?P<name>.*) \((?P<unit>[A-Za-z0-9/]{1,8})\)")


def _in_words(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """The entry with its unit as the reader writes it."""
    if kind != "registers":
        return item
    shown = {**item, "name": item.get("name") or item.get("ref", "")}
    if found := _UNIT_AT_END.fullmatch(shown["name"]):
        shown["name"] = f"{found['name']} ({unit_name(found['unit'])})"
    for side in ("old", "new"):
        if side in item:
            shown[side] = unit_name(item[side])
    if "old" in item:  # which register it is stands before the units
        shown["old"] = f"{item['ref']}{BLANK}{shown['old']}"
    return shown
