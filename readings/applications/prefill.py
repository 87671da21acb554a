"""Applications pre-filled from the field console's settings file: what stands in it, held against what the person has.

The file assigns nothing: a number that it claims is only compared with the person's own points.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Contract
from accounts.tables.lists import lines_opened, lines_signed
from readings.applications.forms import ASKED
from readings.applications.services import application_send
from readings.applications.settings_file import ConsolePoint
from readings.applications.settings_read import MOST_BYTES, MOST_POINTS, SettingsRefused, settings_read
from readings.models import NumberApplication
from servers.doors import visible_points
from servers.models import MeteringPoint, MeterInstallation

WHAT = "settings-file"
NEW, OWN, WAITS, OTHER = "new", "own", "waits", "other"


def refusal_text(code: str) -> str:
    return {
        "too_large": _("The file is larger than 5 MB: a settings file is not."),
        "not_xml": _("This is no XML file, or it is broken. Choose UniversalReader-Settings.xml."),
        "archive": _("This file holds readings, not settings: send it under “Files sent”."),
        "not_settings": _(
            "This is no settings file of the field console. Choose UniversalReader-Settings.xml."
        ),
        "no_points": _("The settings file holds no metering point."),
        "too_many_points": _("The settings file holds more than %(most)s metering points.")
        % {"most": MOST_POINTS},
    }[code]


@dataclass(frozen=True)
class Found:
    """A point of the file. NEW: an application can be sent; OWN: `point` is it; WAITS: applied for; OTHER: `problem`."""

    place: int
    card: ConsolePoint
    verdict: str
    point: MeteringPoint | None = None
    problem: str = ""


def points_found(actor: Actor, contract: Contract, file: IO[bytes]) -> list[Found]:
    """Raises `DomainError` with the field `file` for what is no settings file."""
    try:
        cards = settings_read(file.read(MOST_BYTES + 1))
    except SettingsRefused as refused:
        raise DomainError(refused.code, refusal_text(refused.code), field="file") from None
    return _judged(actor, contract, list(enumerate(cards)))


def _judged(actor: Actor, contract: Contract, cards: Iterable[tuple[int, ConsolePoint]]) -> list[Found]:
    own = _own_points(actor)
    rows = NumberApplication.objects.filter(contract=contract, state=NumberApplication.State.WAITING)
    waiting = {
        (serial or name, medium) for serial, name, medium in rows.values_list("serial", "name", "medium")
    }
    found = []
    for place, card in cards:
        known = (card.serial or card.title or contract.holder, card.medium)
        found.append(Found(place, card, WAITS) if known in waiting else _verdict(place, card, own))
    return found


def _own_points(actor: Actor) -> dict[tuple[str, str], MeteringPoint]:
    """By number, and by (serial, medium): ("number", "101") and ("00000001", "heat")."""
    points = {one.pk: one for one in visible_points(actor).filter(retired_at=None)}
    found = {("number", one.number): one for one in points.values() if one.number}
    hung = MeterInstallation.objects.filter(point__in=list(points), removed_at=None)
    for point, serial in hung.order_by("pk").values_list("point_id", "meter__serial"):
        found.setdefault((serial, points[point].medium), points[point])
    return found


def _verdict(place: int, card: ConsolePoint, own: dict[tuple[str, str], MeteringPoint]) -> Found:
    """By the meter's factory number where the file has one; a number alone may be mistyped or somebody else's."""
    if card.medium not in ASKED:
        return Found(place, card, OTHER, problem=_("The utility meters heat and water only."))
    point = own.get((card.serial, card.medium) if card.serial else ("number", card.number))
    return Found(place, card, OWN, point) if point else Found(place, card, NEW)


def found_signed(actor: Actor, contract: Contract, found: list[Found]) -> str:
    """Into the page's form, for this person and contract only; each line with the token that makes it one application."""
    lines = [
        (one.place, [str(uuid.uuid4()), one.card.title, one.card.address, one.card.medium, one.card.model, one.card.serial])
        for one in found
        if one.verdict == NEW
    ]  # fmt: skip
    return lines_signed(actor, f"{WHAT}:{contract.public_id}", lines)


@transaction.atomic
def applications_send(
    *, actor: Actor, contract: Contract, signed: str, chosen: Iterable[str], organisation: str
) -> list[NumberApplication]:
    """One application a chosen line; twice is harmless. Raises `look_too_old`, `nothing_chosen`, `too_many_waiting`."""
    wanted = set(chosen)
    lines = [
        cells
        for place, cells in lines_opened(actor, f"{WHAT}:{contract.public_id}", signed)
        if str(place) in wanted
    ]
    if not lines:
        raise DomainError("nothing_chosen", _("Choose at least one metering point."))
    return [
        application_send(
            actor=actor, contract=contract, token=uuid.UUID(token), name=title or contract.holder,
            address=address or contract.address, organisation=organisation, medium=medium, model=model, serial=serial,
        )
        for token, title, address, medium, model, serial in lines
    ]  # fmt: skip


def found_rows(found: list[Found]) -> list[dict[str, Any]]:
    chips = {
        NEW: ("neutral", _("no number yet")), OWN: ("ok", _("has its number")), WAITS: ("warn", _("applied for")),
        OTHER: ("bad", _("not possible")),
    }  # fmt: skip
    return [
        {
            "found": one, "kind": chips[one.verdict][0], "label": chips[one.verdict][1], "text": _told(one),
            "new": one.verdict == NEW,
        }
        for one in found
    ]  # fmt: skip


def _told(one: Found) -> str:
    if one.point is None or one.verdict != OWN:
        return one.problem
    if one.card.number and one.card.number != one.point.number:
        words = _(
            "The utility assigned %(number)s, the file has %(other)s: bring in the settings file of your contract."
        )
        return words % {"number": one.point.number or "—", "other": one.card.number}
    return _("Metering point %(number)s") % {"number": one.point.number or one.point.name}
