"""The administrator names operators, changes their address, removes them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Membership, Role
from accounts.services.invitations import membership_invite, membership_withdraw


@transaction.atomic
def operator_invite(*, actor: Actor, email: str) -> Membership:
    """Ask somebody to operate the programme. Asking again sends a new link. Raises `operator_exists`."""
    email = email.strip().lower()
    standing = Membership.objects.filter(
        programme=actor.programme, role=Role.OPERATOR, user__email=email, accepted_at__isnull=False
    )
    if standing.exists():
        raise DomainError(
            "operator_exists", _("This person is an operator of the programme already."), field="email"
        )
    return membership_invite(
        programme=actor.programme,
        email=email,
        role=Role.OPERATOR,
        mail_kind="operator_opened",
        invited_by=actor.user,
    )


@transaction.atomic
def operator_readdress(*, actor: Actor, membership: Membership, email: str) -> Membership:
    """Another address takes the operator's place: the old one is out at once, the new one gets a link."""
    if email.strip().lower() == membership.user.email:
        raise DomainError("address_same", _("This is the address already in use."), field="email")
    replacement = operator_invite(actor=actor, email=email)
    membership_withdraw(membership=membership, withdrawn_by=actor.user)
    return replacement


@transaction.atomic
def operator_remove(*, actor: Actor, membership: Membership) -> None:
    """At the next request the person is a stranger here."""
    membership_withdraw(membership=membership, withdrawn_by=actor.user)
