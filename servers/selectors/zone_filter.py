"""What was asked of a zone: the tab, the search, and which dwellings by building, medium and freshness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.access import parse_public_id
from servers.models import Dwelling, Medium, MeteringPoint, Server
from servers.selectors.boxes import state_of

BY_DWELLING = "dwelling"
ONLINE, OFFLINE, NO_SERVER = "online", "offline", "none"


@dataclass(frozen=True)
class Asked:
    view: str = ""
    q: str = ""
    building: UUID | None = None
    medium: str = ""
    fresh: str = ""

    @property
    def filters(self) -> bool:
        return bool(self.building or self.medium or self.fresh)

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.filters)

    @property
    def filled(self) -> dict[str, Any]:
        """The address's parameters beside the search."""
        return {
            "view": self.view,
            "building": self.building or "",
            "medium": self.medium,
            "fresh": self.fresh,
        }

    def query(self, **other: str) -> str:
        """The address's parameters, with `other` ones put in their place."""
        values = {**self.filled, "q": self.q, **other}
        return urlencode({name: value for name, value in values.items() if value})


def asked_of(data: QueryDict) -> Asked:
    """What nobody knows counts as not asked."""
    medium, fresh = data.get("medium", ""), data.get("fresh", "")
    return Asked(
        view=BY_DWELLING if data.get("view") == BY_DWELLING else "",
        q=data.get("q", "").strip()[:120],
        building=parse_public_id(data.get("building", "")),
        medium=medium if medium in Medium.values else "",
        fresh=fresh if fresh in (ONLINE, OFFLINE, NO_SERVER) else "",
    )


def fresh_choices() -> list[tuple[str, str]]:
    return [(ONLINE, _("server online")), (OFFLINE, _("server not heard")), (NO_SERVER, _("no server"))]


def narrowed(ids: list[int], asked: Asked) -> list[int]:
    """Of these dwellings those that were asked for, in their order: one or two queries, none without a filter."""
    if not asked.filters:
        return ids
    rows = Dwelling.objects.filter(retired_at=None)
    if asked.building is not None:
        rows = rows.filter(building__public_id=asked.building)
    if asked.medium:
        metered = MeteringPoint.objects.filter(medium=asked.medium, retired_at=None, dwelling__isnull=False)
        rows = rows.filter(pk__in=metered.values("dwelling"))
    if asked.fresh:
        heard = [s.pk for s in Server.objects.filter(removed_at=None) if state_of(s).code == "online"]
        served = rows.filter(server__isnull=False, server__removed_at=None)
        if asked.fresh == NO_SERVER:
            rows = rows.exclude(pk__in=served.values("pk"))
        else:
            rows = (
                served.filter(server__in=heard) if asked.fresh == ONLINE else served.exclude(server__in=heard)
            )
    kept = set(rows.values_list("pk", flat=True))
    return [pk for pk in ids if pk in kept]
