"""One contract of the utility, made or edited at the desk; what may stand in it, also for a list of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Contract
from accounts.services.audit import audit_record
from accounts.services.contracts import ACCOUNT_NUMBER, CONTRACT_NUMBER, normal_phone

FIELDS = ("kind", "number", "city", "holder", "address", "phone")
LABELS = {
    "kind": gettext_lazy("Private person or contract"), "number": gettext_lazy("Account or contract number"),
    "city": gettext_lazy("City"), "holder": gettext_lazy("Holder"), "address": gettext_lazy("Address"),
    "phone": gettext_lazy("Phone"),
}  # fmt: skip
NEEDED = ("number", "city", "holder", "phone")
LONGEST = {"city": 80, "holder": 200, "address": 250}


def fields_checked(typed: Mapping[str, str]) -> dict[str, str]:
    """As they are stored. Raises `DomainError` with the first wrong one as its code and `field`."""
    given = {name: " ".join(typed.get(name, "").split()) for name in FIELDS}
    given["number"] = number_checked(given["kind"], given["number"])
    for name, most in LONGEST.items():
        if (not given[name] and name in NEEDED) or len(given[name]) > most:
            words = _("%(label)s: give 1 to %(most)s characters.")
            raise DomainError(name, words % {"label": LABELS[name], "most": most}, field=name)
    given["phone"] = phone_checked(given["phone"])
    return given


def number_checked(kind: str, number: str) -> str:
    """Without blanks. Raises `number`."""
    number = re.sub(r"\s", "", number)
    if kind == Contract.Kind.CONTRACT and not CONTRACT_NUMBER.fullmatch(number):
        words = _("A contract number has 8 digits, for example 02000000.")
        raise DomainError("number", words, field="number")
    if not ACCOUNT_NUMBER.fullmatch(number):
        words = _("An account number has digits only, for example 123456.")
        raise DomainError("number", words, field="number")
    return number


def phone_checked(phone: str) -> str:
    """Ten digits. Raises `phone`."""
    digits = normal_phone(phone)
    if not digits:
        words = _("A phone number has 10 digits, with or without +7 or 8 before them.")
        raise DomainError("phone", words, field="phone")
    return digits


@transaction.atomic
def contract_create(*, actor: Actor, **typed: str) -> Contract:
    """Raises what `fields_checked` does, and `number_taken`."""
    contract = Contract(**fields_checked(typed))
    _stored(contract)
    _audit(actor, contract, "contract.created", {})
    return contract


@transaction.atomic
def contract_edit(*, actor: Actor, contract: Contract, **typed: str) -> bool:
    """False when nothing differs. Claims, points and statements stay with it. Raises as `contract_create`."""
    given = fields_checked(typed)
    before = {
        name: getattr(contract, name) for name, value in given.items() if getattr(contract, name) != value
    }
    if not before:
        return False
    for name in before:
        setattr(contract, name, given[name])
    _stored(contract, update_fields=list(before))
    # which fields, not what they hold: names and phones of people do not belong into the journal
    _audit(actor, contract, "contract.edited", {"fields": sorted(before)})
    return True


def _stored(contract: Contract, **options: Any) -> None:
    try:
        with transaction.atomic():
            contract.save(**options)
    except IntegrityError:
        words = _("Another contract has this number.")
        raise DomainError("number_taken", words, field="number") from None


def _audit(actor: Actor, contract: Contract, action: str, detail: dict[str, Any]) -> None:
    audit_record(
        actor=actor, action=action, target_kind="contract", target=str(contract.public_id),
        detail={"name": contract.number, **detail},
    )  # fmt: skip
