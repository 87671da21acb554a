"""The door to people's roles. A stranger, another role and a wrong id get the same 404."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import Actor, Permission, parse_public_id
from accounts.models import Membership, Role


def visible_operators(actor: Actor) -> QuerySet[Membership]:
    if not actor.may(Permission.MANAGE_OPERATORS):
        return Membership.objects.none()
    return Membership.objects.filter(programme=actor.programme, role=Role.OPERATOR).select_related("user")


def access_operator(actor: Actor, public_id: uuid.UUID | str) -> Membership:
    wanted = parse_public_id(public_id)
    found = visible_operators(actor).filter(public_id=wanted).first() if wanted else None
    if found is None:
        raise Http404
    return found
