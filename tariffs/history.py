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


def history_page(actor: Actor, place: ParameterPlace, number: Any) -> tuple[Page[AuditEntry], list[Change]]:
    """The changes of a place, the newest first: a page of entries, and in words what each of them changed."""
    page = Paginator(_entries(actor, place), PER_PAGE).get_page(number)
    return page, [change for entry in page.object_list for change in _changes(entry, actor, place)]


def history_table(actor: Actor, place: ParameterPlace) -> tuple[list[str], list[list[Any]]]:
    """Every change of a place to take away, the newest first."""
    header = [
        _("Changed"), _("By"), _("Parameter"), _("Level"), pgettext("value", "Before"), pgettext("value", "After"),
        _("Valid from"), _("Remark"),
    ]  # fmt: skip
    return header, [
        [
            one.at, one.who, one.label, one.source, one.before, one.after, one.valid_from,
            _("dropped") if one.reset else "",
        ]
        for entry in _entries(actor, place)
        for one in _changes(entry, actor, place)
    ]  # fmt: skip


def _entries(actor: Actor, place: ParameterPlace) -> QuerySet[AuditEntry]:
    """An occupant sees the changes of the own level, and none from before they came: those are somebody else's."""
    found = AuditEntry.objects.filter(target=place.target(actor.programme), action__in=ACTIONS)
    if place.level == Level.OCCUPANT_DWELLING and place.dwelling is not None:
        since = moved_in(actor, place.dwelling, place.today(actor.programme))
        found = found.filter(detail__level=int(place.level))
        found = found.filter(at__date__gte=since) if since else found.none()
    return found.select_related("actor").order_by("-at", "-pk")


def _changes(entry: AuditEntry, actor: Actor, place: ParameterPlace) -> list[Change]:
    detail, currency = entry.detail, actor.programme.currency
    made = []
    for key, new in detail["new"].items():
        parameter = known(key)
        if parameter is None:
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
