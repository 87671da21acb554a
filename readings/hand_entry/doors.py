"""The only door to what was typed: the desk all, a person their own while the point is still theirs."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import Actor
from readings.models import HandEntry
from servers.doors import is_staff, visible_points


def visible_entries(actor: Actor) -> QuerySet[HandEntry]:
    rows = HandEntry.objects.select_related(
        "register__installation__meter", "register__installation__point__programme",
        "register__installation__point__building", "entered_by", "corrects",
    ).filter(register__installation__point__in=visible_points(actor).values("pk"))  # fmt: skip
    return rows if is_staff(actor) else rows.filter(entered_by=actor.user)


def access_entry(actor: Actor, public_id: uuid.UUID | str) -> HandEntry:
    found: HandEntry | None = visible_entries(actor).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found
