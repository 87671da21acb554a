"""A consumer proves that a contract of the utility is theirs, by what stands on their bill."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Contract, ContractClaim
from accounts.services.attempts import Limit, attempts_check, attempts_count
from accounts.services.audit import audit_record

BY_PERSON = Limit("contract-person", 10, 15 * 60)
BY_ADDRESS = Limit("contract-address", 60, 15 * 60)
# of one contract, by whomever and from wherever: many accounts behind many addresses guess no phone number either
BY_CONTRACT = Limit("contract-number", 20, 15 * 60)
CONTRACT_NUMBER = re.compile(r"[0-9]{8}")
ACCOUNT_NUMBER = re.compile(r"[0-9]{1,20}")
PHONE = re.compile(r"(?:\+?7|8)?([0-9]{10})")


def normal_phone(typed: str) -> str:
    """Ten digits without the leading 7; +7, 8, spaces, dashes and brackets are accepted. Empty when it is none."""
    found = PHONE.fullmatch(re.sub(r"[\s()\-–.]", "", typed))
    return found[1] if found else ""


def _checked(kind: str, number: str, phone: str) -> tuple[str, str]:
    """The shape of what was typed, field by field: this says nothing about anybody's contract."""
    number = re.sub(r"\s", "", number)
    if kind not in Contract.Kind.values:
        raise DomainError("contract_kind", _("Choose private person or contract."), field="kind")
    if kind == Contract.Kind.CONTRACT and not CONTRACT_NUMBER.fullmatch(number):
        raise DomainError(
            "contract_number", _("A contract number has 8 digits, for example 02000000."), field="number"
        )
    if not ACCOUNT_NUMBER.fullmatch(number):
        raise DomainError(
            "account_number", _("An account number has digits only, for example 123456."), field="number"
        )
    digits = normal_phone(phone)
    if not digits:
        raise DomainError(
            "phone", _("A phone number has 10 digits, with or without +7 or 8 before them."), field="phone"
        )
    return number, digits


def contract_claim(
    *, actor: Actor, kind: str, city: str, number: str, phone: str, address: str = ""
) -> Contract:
    """Add the utility's contract to a person's own ones. `address` is the network address it came from.

    Raises `contract_not_found` without saying which part was wrong, `too_many_attempts`, or with `data["field"]`
    `contract_kind`, `contract_number`, `account_number`, `phone` for what cannot be right. Claiming twice is
    harmless. Called in the programme's scope.
    """
    number, digits = _checked(kind, number, phone)
    # counted alike for numbers that exist and those that do not
    counted = [
        (BY_PERSON, str(actor.user.public_id)),
        (BY_ADDRESS, address),
        (BY_CONTRACT, f"{actor.programme.public_id} {kind} {number}"),
    ]
    for limit, who in counted:
        attempts_check(limit=limit, who=who)
    contract = Contract.objects.filter(kind=kind, number=number).first()
    # compared here, because SQLite folds no Cyrillic letters
    same_city = contract is not None and _folded(contract.city) == _folded(city)
    if contract is None or not same_city or contract.phone != digits:
        for limit, who in counted:
            attempts_count(limit=limit, who=who)
        raise DomainError(
            "contract_not_found",
            _(
                "No contract matches this kind, city, number and phone together. Check them against your bill."
            ),
        )
    return _claim(actor, contract)


@transaction.atomic
def _claim(actor: Actor, contract: Contract) -> Contract:
    _claimed, created = ContractClaim.objects.get_or_create(
        contract=contract, user=actor.user, removed_at=None
    )
    if created:
        audit_record(
            actor=actor,
            action="contract.claimed",
            target_kind="contract",
            target=str(contract.public_id),
            detail={"number": contract.number},
        )
    return contract


@transaction.atomic
def contract_unclaim(*, actor: Actor, contract: Contract) -> None:
    """Take a contract off a person's list; the claim's row stays as history. Twice is harmless."""
    removed = ContractClaim.objects.filter(contract=contract, user=actor.user, removed_at=None).update(
        removed_at=timezone.now()
    )
    if removed:
        audit_record(
            actor=actor,
            action="contract.unclaimed",
            target_kind="contract",
            target=str(contract.public_id),
            detail={"number": contract.number},
        )


def contract_cities() -> list[str]:
    """The cities of the utility's contracts, for the list on the page. Called in the programme's scope."""
    cities = set(Contract.objects.order_by().values_list("city", flat=True).distinct())
    return sorted(cities, key=_folded)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
