"""The occupants of a programme as its operators see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.lists import ListAsked
from accounts.models import Membership, Role
from accounts.texts import natural_key
from servers.days import today_in
from servers.doors import visible_occupancies
from servers.models import Dwelling, Occupancy
from servers.selectors.estate import local_today

INVITED, ACTIVE, MOVED_OUT = "invited", "active", "moved_out"


def occupancy_state(occupancy: Occupancy, accepted: bool, today: date) -> dict[str, str]:
    """`code`, and label and kind of its chip."""
    if occupancy.move_out is not None and occupancy.move_out <= today:
        return {"code": MOVED_OUT, "label": _("moved out"), "kind": "neutral"}
    if not accepted:
        return {"code": INVITED, "label": _("invited"), "kind": "neutral"}
    return {"code": ACTIVE, "label": _("active"), "kind": "ok"}


OCCUPANT_ORDER: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "name": lambda row: (natural_key(row[3] or row[5] or row[4]), row[4]),
    "dwelling": lambda row: (natural_key(row[1]), natural_key(row[2])),
    "in": lambda row: row[6],
    "out": lambda row: row[7],
}


def matching_occupancies(actor: Actor, asked: ListAsked | None = None, *, show: str = "") -> list[int]:
    """Ids in the order of the page: by building and dwelling, the latest first. `show` is "", "now" or "past"."""
    rows = visible_occupancies(actor)
    gone = Q(move_out__isnull=False, move_out__lte=local_today(actor))
    if show:
        rows = rows.filter(gone if show == "past" else ~gone)
    columns = (
        "pk",
        "dwelling__building__name",
        "dwelling__name",
        "name",
        "user__email",
        "user__name",
        "move_in",
        "move_out",
    )
    found = list(rows.values_list(*columns))
    found.sort(key=lambda row: (natural_key(row[1]), natural_key(row[2]), -row[6].toordinal(), row[0]))
    return [row[0] for row in (asked.rows(found, _searched, OCCUPANT_ORDER) if asked else found)]


def _searched(row: tuple[Any, ...]) -> str:
    _pk, building, dwelling, name, email, account_name, *_days = row
    return " ".join([building, dwelling, name or account_name, email])


def occupancy_rows(actor: Actor, ids: list[int]) -> list[dict[str, Any]]:
    """The occupancies of one page with their states, in the order of the ids."""
    found = visible_occupancies(actor).filter(pk__in=ids)
    return _with_states(actor, sorted(found, key=lambda row: ids.index(row.pk)))


def occupancies_of(actor: Actor, dwelling: Dwelling) -> list[dict[str, Any]]:
    """Who lives and lived in one dwelling, the latest first."""
    found = visible_occupancies(actor).filter(dwelling=dwelling)
    return _with_states(actor, list(found.order_by("-move_in", "-pk")))


def exported_rows(actor: Actor) -> list[list[Any]]:
    """Every stay as the list of the import has it: building, dwelling, name, e-mail, move-in, move-out."""
    rows = {row.pk: row for row in visible_occupancies(actor)}
    return [
        [
            row.dwelling.building.name,
            row.dwelling.name,
            row.person_name,
            row.user.email,
            row.move_in,
            row.move_out,
        ]
        for row in (rows[pk] for pk in matching_occupancies(actor) if pk in rows)
    ]


def has_accepted(actor: Actor, occupancy: Occupancy) -> bool:
    return bool(_accepted(actor, [occupancy]))


def _accepted(actor: Actor, occupancies: list[Occupancy]) -> set[int]:
    memberships = Membership.objects.filter(
        programme=actor.programme,
        role=Role.OCCUPANT,
        accepted_at__isnull=False,
        user__in=[occupancy.user_id for occupancy in occupancies],
    )
    return set(memberships.values_list("user_id", flat=True))


def _with_states(actor: Actor, occupancies: list[Occupancy]) -> list[dict[str, Any]]:
    accepted = _accepted(actor, occupancies)
    return [
        {
            "occupancy": row,
            "state": occupancy_state(row, row.user_id in accepted, today_in(actor, row.dwelling.building)),
        }
        for row in occupancies
    ]
