"""The administrator names operators, says which buildings are theirs, changes their address, removes them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Membership, Role
from accounts.services.audit import audit_record
from accounts.services.invitations import membership_invite, membership_withdraw


@transaction.atomic
def operator_invite(*, actor: Actor, email: str, buildings: Sequence[int] | None = None) -> Membership:
    """Ask somebody to operate the programme, or the buildings with these keys. Asking again sends a new link and
    says anew which buildings. Raises `operator_exists`."""
    email = email.strip().lower()
    standing = Membership.objects.filter(
        programme=actor.programme, role=Role.OPERATOR, user__email=email, accepted_at__isnull=False
    )
    if standing.exists():
        raise DomainError(
            "operator_exists", _("This person is an operator of the programme already."), field="email"
        )
    membership = membership_invite(
        programme=actor.programme,
        email=email,
        role=Role.OPERATOR,
        mail_kind="operator_opened",
        invited_by=actor.user,
    )
    operator_buildings_change(actor=actor, membership=membership, buildings=buildings)
    return membership


@transaction.atomic
def operator_buildings_change(
    *, actor: Actor, membership: Membership, buildings: Sequence[int] | None
) -> None:
    """Which buildings the operator looks after, by key; None is the whole programme. Holds from the next request on."""
    new = None if buildings is None else sorted(set(buildings))
    if new == membership.buildings:
        return
    old, membership.buildings = membership.buildings, new
    membership.save(update_fields=["buildings"])
    audit_record(
        actor=actor,
        action="operator.buildings_changed",
        target_kind="membership",
        target=str(membership.public_id),
        detail={"email": membership.user.email, "old": old, "new": new},
    )


@transaction.atomic
def operator_readdress(*, actor: Actor, membership: Membership, email: str) -> Membership:
    """Another address takes the operator's place, with the same buildings: the old one is out at once, the new one
    gets a link."""
    if email.strip().lower() == membership.user.email:
        raise DomainError("address_same", _("This is the address already in use."), field="email")
    replacement = operator_invite(actor=actor, email=email, buildings=membership.buildings)
    membership_withdraw(membership=membership, withdrawn_by=actor.user)
    return replacement


@transaction.atomic
def operator_remove(*, actor: Actor, membership: Membership) -> None:
    """At the next request the person is a stranger here."""
    membership_withdraw(membership=membership, withdrawn_by=actor.user)
