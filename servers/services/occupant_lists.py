"""A list of occupants as one change: read, looked at line by line, then settled all together or not at all.

A line that says what stands already is left alone, so the same list twice adds nobody and mails nobody again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.tables.lists import WRONG, Cells, Columns, Plan
from accounts.texts import folded
from servers.doors import visible_dwellings
from servers.models import Dwelling, Occupancy
from servers.services.occupancies import days_checked, occupancy_create, occupancy_end

MOST_LINES = 1_000
# what a column may be called, folded; the first is ours, as the page's example and our own export write it
WORDS: dict[str, tuple[str, ...]] = {
    "building": ("building", "batiment", "immeuble", "здание", "дом", "корпус"),
    "dwelling": ("dwelling", "flat", "apartment", "logement", "appartement", "квартира", "помещение"),
    "name": ("name", "occupant", "nom", "nom de l'occupant", "имя", "фио", "жилец"),
    "email": ("e-mail", "email", "mail", "courriel", "adresse email", "adresse e-mail", "почта", "эл. почта",
              "электронная почта"),
    "move_in": ("move-in", "move in", "arrivee", "date d'arrivee", "entree", "date d'entree", "emmenagement",
                "заселение", "въезд", "заезд",
                "дата заселения", "дата въезда"),
    "move_out": ("move-out", "move out", "sortie", "date de sortie", "demenagement", "depart", "date de depart",
                 "выселение", "выезд",
                 "дата выселения", "дата выезда"),
}  # fmt: skip
LABELS = {
    "building": gettext_lazy("Building"), "dwelling": gettext_lazy("Dwelling"), "name": gettext_lazy("Name"),
    "email": gettext_lazy("E-mail"), "move_in": gettext_lazy("Move-in"), "move_out": gettext_lazy("Move-out"),
}  # fmt: skip
COLUMNS = Columns(WORDS, LABELS, needed=("dwelling", "name", "email", "move_in"))
NEW, SAME, ENDS = "new", "same", "ends"
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?|(\d{1,2})[./](\d{1,2})[./](\d{4})")


@dataclass
class Line:
    """One line with what becomes of it: NEW, SAME, ENDS (a move-out is noted) or WRONG, then `problem` says why."""

    number: int
    cells: Cells
    verdict: str = WRONG
    problem: str = ""
    dwelling: Dwelling | None = None
    email: str = ""
    move_in: date = date.min
    move_out: date | None = None
    standing: Occupancy | None = None


CHANGING = (NEW, ENDS)


def plan_made(*, actor: Actor, lines: Iterable[tuple[int, Cells]]) -> Plan[Line]:
    """What each line would do now. Stores nothing."""
    dwellings = _dwellings(actor)
    plan = Plan([_line(number, cells, dwellings) for number, cells in lines])
    _settled(plan.lines)
    return plan


@transaction.atomic
def plan_apply(*, actor: Actor, lines: Iterable[tuple[int, Cells]]) -> Plan[Line]:
    """Settle the whole list, or nothing: lines are looked at again, since others work as well.

    Who has several dwellings in the list gets one mail. Raises `list_changed` where a line is no longer sound.
    """
    plan = plan_made(actor=actor, lines=lines)
    plan.sound_or_refused()
    invited: set[str] = set()
    for line in plan.lines:
        if line.verdict == NEW and line.dwelling is not None:
            occupancy_create(
                actor=actor, dwelling=line.dwelling, email=line.email, name=line.cells[2],
                move_in=line.move_in, move_out=line.move_out, mail=line.email not in invited,
            )  # fmt: skip
            invited.add(line.email)
        elif line.verdict == ENDS and line.standing is not None and line.move_out is not None:
            occupancy_end(actor=actor, occupancy=line.standing, move_out=line.move_out)
    return plan


Dwellings = dict[tuple[str, str, str], list[Dwelling]]


def _dwellings(actor: Actor) -> Dwellings:
    """The standing dwellings of the actor's buildings, by ("name" or "ref", building or "", name or ref), folded."""
    found: Dwellings = defaultdict(list)
    for dwelling in visible_dwellings(actor).filter(retired_at=None):
        for building in {"", folded(dwelling.building.name), folded(dwelling.building.ref)}:
            found["name", building, folded(dwelling.name)].append(dwelling)
            found["ref", building, folded(dwelling.ref)].append(dwelling)
    return found


def _line(number: int, cells: Cells, dwellings: Dwellings) -> Line:
    line = Line(number, cells)
    building, dwelling, name, email, move_in, move_out = cells
    try:
        line.dwelling = _dwelling(dwellings, building, dwelling)
        line.email = _email(email)
        if not name or len(name) > 120:
            raise DomainError("name", _("Give a name of at most 120 characters."))
        line.move_in = _day(move_in, _("Move-in"))
        line.move_out = _day(move_out, _("Move-out")) if move_out else None
        days_checked(line.move_in, line.move_out)
    except DomainError as error:
        line.problem = str(error)
    return line


def _dwelling(dwellings: Dwellings, building: str, name: str) -> Dwelling:
    """By its name; where nothing is called so, by the configurator's ref."""
    place = folded(building), folded(name)
    found = dwellings.get(("name", *place)) or dwellings.get(("ref", *place)) or []
    if len(found) > 1:
        raise DomainError("dwelling", _("Several dwellings are called so: add a column with the building."))
    if not found or not name:
        raise DomainError("dwelling", _("There is no such dwelling in your buildings."))
    return found[0]


def _email(typed: str) -> str:
    email = typed.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise DomainError("email", _("Enter a valid email address.")) from None
    if len(email) > 254:
        raise DomainError("email", _("Enter a valid email address."))
    return email


def _day(typed: str, label: str) -> date:
    found = DAY.fullmatch(typed)
    if found:
        year, month, day = found.group(1, 2, 3) if found[1] else (found[6], found[5], found[4])
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            pass
    raise DomainError(
        "day", _("%(label)s: write the day as 2026-11-01 or 01/11/2026, the day first.") % {"label": label}
    )


def _settled(lines: list[Line]) -> None:
    """Give each sound line its verdict, beside what stands and beside the lines above it."""
    sound = [line for line in lines if not line.problem]
    standing: dict[tuple[int, str], list[Any]] = defaultdict(list)
    rows = Occupancy.objects.filter(dwelling__in={line.dwelling.pk for line in sound if line.dwelling})
    for row in rows.select_related("user", "dwelling", "dwelling__building"):
        standing[row.dwelling_id, row.user.email].append(row)
    for line in sound:
        assert line.dwelling is not None
        others = standing[line.dwelling.pk, line.email]
        _settle(line, others)
        if line.verdict == NEW:
            others.append(line)


def _settle(line: Line, others: list[Any]) -> None:
    """`others`: stays of this person in this dwelling, as occupancies or as lines above."""
    same = next((one for one in others if one.move_in == line.move_in), None)
    if same is not None:
        _compare(line, same)
        return
    for one in others:
        ends_before = one.move_out is not None and one.move_out <= line.move_in
        begins_after = line.move_out is not None and line.move_out <= one.move_in
        if not ends_before and not begins_after:
            line.problem = _("This person already lives in this dwelling on some of these days.")
            return
    line.verdict = NEW


def _compare(line: Line, same: Any) -> None:
    """The stay stands: a list may add its end, and neither move it nor take it away."""
    if line.move_out is None or line.move_out == same.move_out:
        line.verdict = SAME
    elif same.move_out is None and isinstance(same, Occupancy):
        line.verdict, line.standing = ENDS, same
    else:
        line.problem = _("This stay has another move-out already: change it on the occupant's page.")
