"""Who changed which parameter when, from the audit: what a same-day correction replaced is there as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Actor
from accounts.models import AuditEntry
from tariffs.catalogue import PAGES
from tariffs.models import Level
from tariffs.places import ParameterPlace, moved_in
from tariffs.texts import full_label, known, source_text, value_text

PER_PAGE = 20
ACTIONS = ("parameters.changed", "parameters.reset")


@dataclass(frozen=True)
class Change:
    """One value of one change. `reset` says that the value above took its place again."""

    at: datetime
    who: str
    label: str
    before: str
    after: str
    valid_from: date
    source: str
    reset: bool


def history_page(
    actor: Actor, place: ParameterPlace, page: str, number: Any
) -> tuple[Page[AuditEntry], list[Change]]:
    """What was changed on a page of a place, the newest first: a page of entries, and each of them in words."""
    entries = Paginator(_entries(actor, place, page), PER_PAGE).get_page(number)
    return entries, [
        change for entry in entries.object_list for change in _changes(entry, actor, place, page)
    ]


def history_table(actor: Actor, place: ParameterPlace, page: str) -> tuple[list[str], list[list[Any]]]:
    """Every change of a page to take away, the newest first."""
    header = [
        _("Changed"), _("By"), _("Parameter"), _("Level"), pgettext("value", "Before"), pgettext("value", "After"),
        _("Valid from"), _("Remark"),
    ]  # fmt: skip
    return header, [
        [
            one.at, one.who, one.label, one.source, one.before, one.after, one.valid_from,
            _("dropped") if one.reset else "",
        ]
        for entry in _entries(actor, place, page)
        for one in _changes(entry, actor, place, page)
    ]  # fmt: skip


def _keys_of(page: str) -> list[str]:
    """A page tells of its own parameters: who looks after the boiler does not search among prices."""
    return [parameter.key for parameter in PAGES[page]]


def _entries(actor: Actor, place: ParameterPlace, page: str) -> QuerySet[AuditEntry]:
    """An occupant sees the changes of the own level, and none from before they came: those are somebody else's."""
    found = AuditEntry.objects.filter(target=place.target(actor.programme), action__in=ACTIONS)
    found = found.filter(detail__new__has_any_keys=_keys_of(page))
    if place.level == Level.OCCUPANT_DWELLING and place.dwelling is not None:
        since = moved_in(actor, place.dwelling, place.today(actor.programme))
        found = found.filter(detail__level=int(place.level))
        found = found.filter(at__date__gte=since) if since else found.none()
    return found.select_related("actor").order_by("-at", "-pk")


def _changes(entry: AuditEntry, actor: Actor, place: ParameterPlace, page: str) -> list[Change]:
    detail, currency = entry.detail, actor.programme.currency
    here = set(_keys_of(page))
    made = []
    for key, new in detail["new"].items():
        parameter = known(key)
        if parameter is None or key not in here:
            continue
        made.append(
            Change(
                at=entry.at,
                who=str(entry.actor or "—"),
                label=full_label(parameter),
                before=value_text(parameter, detail["old"][key], currency),
                after=value_text(parameter, new, currency),
                valid_from=date.fromisoformat(detail["valid_from"]),
                source=source_text(Level(detail["level"]), place),
                reset=entry.action == "parameters.reset",
            )
        )
    return made
