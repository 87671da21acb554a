"""Who holds which contract, since when; and the desk's word that somebody holds it no longer."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.access import Actor
from accounts.lists import ListAsked
from accounts.models import Contract, ContractClaim, User
from accounts.services.audit import audit_record
from accounts.texts import holds

OPEN, ENDED, ALL = "open", "ended", "all"
MOST = 1000


CLAIM_ORDER = {
    "number": ("contract__number",), "person": ("user__name", "user__email"), "since": ("created_at",),
    "ended": ("removed_at",),
}  # fmt: skip


def claims_found(which: str, asked: ListAsked) -> QuerySet[ContractClaim]:
    """Newest first; what was asked is searched in numbers, holders and persons, folded here since SQLite folds no
    Cyrillic."""
    rows = ContractClaim.objects.select_related("contract", "user").order_by("-created_at", "-pk")
    if which in (OPEN, ENDED):
        rows = rows.filter(removed_at__isnull=which == OPEN)
    if asked.q:
        texts = rows.values_list("pk", "contract__number", "contract__holder", "user__name", "user__email")
        found = [pk for pk, *words in texts.iterator() if holds(" ".join(words), asked.q)]
        rows = rows.filter(pk__in=found[:MOST])
    return asked.ordered(rows, CLAIM_ORDER)


def claim_open(contract: Contract, person: uuid.UUID | str) -> ContractClaim:
    """The standing claim of this person; 404 when there is none."""
    try:
        public_id = uuid.UUID(str(person))
    except ValueError:
        raise Http404 from None
    rows = ContractClaim.objects.select_related("user", "contract")
    found: ContractClaim | None = rows.filter(
        contract=contract, user__public_id=public_id, removed_at=None
    ).first()
    if found is None:
        raise Http404
    return found


def holders_of(contract: Contract) -> QuerySet[ContractClaim]:
    """The standing claims on a contract, the oldest first."""
    rows = ContractClaim.objects.filter(contract=contract, removed_at=None).select_related("user", "contract")
    return rows.order_by("created_at", "pk")


@transaction.atomic
def claim_end(*, actor: Actor, claim: ContractClaim) -> bool:
    """The person sees the contract no longer; the row stays as history. False when it was ended before."""
    ended = ContractClaim.objects.filter(pk=claim.pk, removed_at=None).update(removed_at=timezone.now())
    if ended:
        user: User = claim.user
        audit_record(
            actor=actor, action="contract.claim_ended", target_kind="contract",
            target=str(claim.contract.public_id), detail={"name": claim.contract.number, "person": str(user)},
        )  # fmt: skip
    return bool(ended)


def claim_rows(claims: Any) -> list[list[Any]]:
    """For a table to take away."""
    return [
        [
            one.contract.number,
            one.contract.holder,
            str(one.user),
            one.user.email,
            one.created_at,
            one.removed_at,
        ]
        for one in claims
    ]
