"""The utility's contracts and phones as one change: every line is looked at, then all are taken or none.

A line that says what stands already is left alone, so the same file twice adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Contract
from accounts.services.audit import audit_record
from accounts.services.contracts import CONTRACT_NUMBER
from accounts.tables.lists import WRONG, Cells, Columns, Plan
from accounts.texts import folded
from readings.desk.contracts import LABELS, NEEDED, fields_checked

MOST_LINES = 5_000
NEW, SAME, CHANGED = "new", "same", "changed"
CHANGING = (NEW, CHANGED)
# what a column may be called, folded; ours first, as the page's example writes it
WORDS: dict[str, tuple[str, ...]] = {
    "kind": ("kind", "type", "genre", "вид", "тип", "физлицо/договор", "физическое лицо / договор"),
    "number": ("number", "contract", "account", "numéro", "contrat", "номер", "договор", "№ договора",
               "лицевой счёт", "лицевой счет", "л/с", "лицевой счёт / договор", "лицевой счет / договор"),
    "city": ("city", "town", "ville", "город", "населённый пункт", "населенный пункт"),
    "holder": ("holder", "name", "titulaire", "абонент", "потребитель", "фио", "наименование",
               "наименование потребителя", "владелец"),
    "address": ("address", "adresse", "адрес"),
    "phone": ("phone", "telephone", "téléphone", "телефон", "номер телефона", "моб. телефон"),
}  # fmt: skip
COLUMNS = Columns(WORDS, LABELS, NEEDED)
PERSONS = ("person", "private", "private person", "particulier", "физическое лицо", "физлицо", "фл", "л/с",
           "лицевой счёт", "лицевой счет")  # fmt: skip
CONTRACTS = ("contract", "contrat", "договор", "юридическое лицо", "юрлицо", "юл")


@dataclass
class Line:
    """One line with what becomes of it; WRONG says why in `problem`, CHANGED what in `changes`."""

    number: int
    cells: Cells
    verdict: str = WRONG
    problem: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    standing: Contract | None = None


def plan_made(lines: Iterable[tuple[int, Cells]]) -> Plan[Line]:
    """What each line would do now. Stores nothing. Called in scope."""
    standing = {(one.kind, one.number): one for one in Contract.objects.all()}
    seen: dict[tuple[str, str], int] = {}
    plan = Plan([_line(number, cells) for number, cells in lines])
    for line in plan.lines:
        if line.problem:
            continue
        key = line.fields["kind"], line.fields["number"]
        if key in seen:
            line.problem = _("The same contract stands in line %(line)s.") % {"line": seen[key]}
            continue
        seen[key] = line.number
        _settle(line, standing.get(key))
    return plan


@transaction.atomic
def plan_apply(*, actor: Actor, lines: Iterable[tuple[int, Cells]]) -> Plan[Line]:
    """Take the whole list or nothing: lines are looked at again. Raises `list_changed`."""
    plan = plan_made(lines)
    plan.sound_or_refused()
    Contract.objects.bulk_create(
        [Contract(**line.fields) for line in plan.lines if line.verdict == NEW], batch_size=500
    )
    for line in plan.lines:
        if line.verdict == CHANGED and line.standing is not None:
            for name in line.changes:
                setattr(line.standing, name, line.fields[name])
            line.standing.save(update_fields=line.changes)
    if plan.count(*CHANGING):
        audit_record(
            actor=actor, action="contract.imported", target_kind="programme",
            target=str(actor.programme.public_id),
            detail={"new": plan.count(NEW), "changed": plan.count(CHANGED), "same": plan.count(SAME)},
        )  # fmt: skip
    return plan


def _line(number: int, cells: Cells) -> Line:
    line = Line(number, cells)
    given = dict(zip(WORDS, cells, strict=True))
    try:
        given["kind"] = _kind(given["kind"], re.sub(r"\s", "", given["number"]))
        line.fields = fields_checked(given)
    except DomainError as error:
        line.problem = str(error)
    return line


def _kind(typed: str, number: str) -> str:
    """As written; where the column is empty, eight digits are a contract."""
    word = folded(typed)
    if word in {folded(one) for one in CONTRACTS}:
        return Contract.Kind.CONTRACT.value
    if word in {folded(one) for one in PERSONS}:
        return Contract.Kind.PERSON.value
    if word:
        raise DomainError("kind", _("Write “person” or “contract” in the first column, or leave it empty."))
    return (Contract.Kind.CONTRACT if CONTRACT_NUMBER.fullmatch(number) else Contract.Kind.PERSON).value


def _settle(line: Line, standing: Contract | None) -> None:
    if standing is None:
        line.verdict = NEW
        return
    line.standing = standing
    # an address that the list does not tell stays as it is
    line.changes = [
        name for name in ("city", "holder", "address", "phone")
        if line.fields[name] != getattr(standing, name) and (line.fields[name] or name != "address")
    ]  # fmt: skip
    line.verdict = CHANGED if line.changes else SAME


def exported_rows() -> list[tuple[Any, ...]]:
    """All contracts, with the columns that the import takes. A list: a stream is read after the scope has ended."""
    rows = Contract.objects.order_by("kind", "number", "pk")
    return list(rows.values_list("kind", "number", "city", "holder", "address", "phone"))
