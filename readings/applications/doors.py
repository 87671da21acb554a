"""The only door to applications: the desk all, a consumer those of the contracts that are theirs."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import Actor, Permission
from readings.doors import visible_contracts
from readings.models import NumberApplication


def visible_applications(actor: Actor) -> QuerySet[NumberApplication]:
    """A consumer sees what they sent themselves, while the contract is still theirs."""
    rows = NumberApplication.objects.select_related("contract", "applicant", "point", "decided_by")
    if actor.may(Permission.MANAGE_CONTRACTS):
        return rows
    return rows.filter(applicant=actor.user, contract__in=visible_contracts(actor).values("pk"))


def access_application(actor: Actor, public_id: uuid.UUID | str) -> NumberApplication:
    found: NumberApplication | None = visible_applications(actor).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found
