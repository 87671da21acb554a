"""Entries of the trace that a person may see, filtered and worded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from accounts.access import Actor
from accounts.audit.names import names_for, watched_targets
from accounts.audit.sentences import KINDS, sentence_of
from accounts.models import AuditEntry, User

LINE_ORDER = {"time": ("at",), "person": ("actor__name", "actor__email")}


@dataclass(frozen=True)
class Line:
    """One row of the page."""

    at: datetime
    who: str
    sentence: str


def entries_of(
    actor: Actor, *, person: str = "", kind: str = "", first: date | None = None, last: date | None = None
) -> QuerySet[AuditEntry]:
    """Newest first. An operator of some buildings sees what concerns those, and what they did themselves."""
    rows = AuditEntry.objects.select_related("actor").order_by("-at", "-pk")
    if actor.buildings is not None:
        rows = rows.filter(Q(actor=actor.user) | Q(target__in=watched_targets(actor)))
    if person:
        rows = rows.filter(actor__public_id=person)
    beginnings = next((starts for code, _label, starts in KINDS if code == kind), ())
    if beginnings:
        rows = rows.filter(reduce(or_, (Q(action__startswith=start) for start in beginnings)))
    zone = actor.programme.zone
    if first:
        rows = rows.filter(at__gte=datetime.combine(_sane(first), time(), zone))
    if last:
        rows = rows.filter(at__lt=datetime.combine(_sane(last) + timedelta(days=1), time(), zone))
    return rows


def _sane(day: date) -> date:
    """A day whose midnight every zone and database can write."""
    return min(max(day, date(1970, 1, 1)), date(2200, 1, 1))


def people_of(actor: Actor) -> list[User]:
    """Who did something here, by name: the choices of the filter."""
    ids = entries_of(actor).order_by().values("actor_id").distinct()
    return sorted(User.objects.filter(pk__in=ids), key=lambda user: str(user).casefold())


def lines_of(entries: Sequence[AuditEntry]) -> list[Line]:
    """`who` is empty where nobody did it: a command, or the portal itself."""
    names = names_for(entries)
    return [
        Line(
            at=entry.at,
            who=str(entry.actor) if entry.actor else "",
            sentence=sentence_of(entry, names.get((entry.target_kind, entry.target), "")),
        )
        for entry in entries
    ]


def looks_at(targets: Sequence[str], **more: Any) -> QuerySet[AuditEntry]:
    """Who of the staff looked at these dwellings or contracts, newest first."""
    seen = ("consumption.seen", "contract.seen")
    rows = AuditEntry.objects.filter(target__in=targets, action__in=seen, **more)
    return rows.select_related("actor").order_by("-at", "-pk")
