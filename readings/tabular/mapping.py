"""Which column of a table means what. Columns are known by their headings, so a mapping fits next month's file too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

ROLES = ("time", "point", "register", "value", "unit")
# words that a heading of each kind holds, to choose it before the person does
_HINTS = {
    "time": ("time", "date", "heure", "horodat", "дата", "время", "jour"),
    "point": ("point", "meter", "serial", "compteur", "точк", "прибор", "номер", "pdl"),
    "register": ("register", "registre", "канал", "регистр", "parameter", "параметр"),
    "value": ("value", "index", "reading", "valeur", "relev", "показан", "значен"),
    "unit": ("unit", "unité", "единиц", "ед."),
}


@dataclass(frozen=True)
class Mapping:
    """Headings by role ("" for a column that the table does not have), and what holds for every row."""

    time: str = ""
    point: str = ""
    register: str = ""
    value: str = ""
    unit: str = ""
    fixed_unit: str = ""
    decimal: str = "any"
    zone: str = ""  # empty: the metering point's

    def kept(self) -> dict[str, str]:
        return asdict(self)

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Role -> place of its column; a heading that this table lacks is left out."""
        chosen = {role: getattr(self, role) for role in ROLES}
        return {role: names.index(name) for role, name in chosen.items() if name in names}


def mapping_of(kept: dict[str, Any]) -> Mapping:
    known = {field.name for field in fields(Mapping)}
    return Mapping(**{name: str(value) for name, value in kept.items() if name in known})


def column_names(header: Sequence[str]) -> list[str]:
    """The headings, each one once: an empty one is named by its place, a repeated one by its number."""
    names: list[str] = []
    for place, heading in enumerate(header, start=1):
        name = heading[:80] or _("column %(number)s") % {"number": place}
        again = sum(earlier == name or earlier.startswith(f"{name} (") for earlier in names)
        names.append(f"{name} ({again + 1})" if name in names else name)
    return names


def mapping_guess(names: Sequence[str]) -> Mapping:
    """What the headings seem to say."""
    found: dict[str, str] = {}
    for role, hints in _HINTS.items():
        for name in names:
            if name not in found.values() and any(hint in name.casefold() for hint in hints):
                found[role] = name
                break
    return Mapping(**found)
