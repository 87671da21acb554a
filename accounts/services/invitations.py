"""People are asked into a programme by mail: a membership that counts once the link is followed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import EmailToken, Membership, OutboxMessage, Programme, Role, User
from accounts.outbox import MailNotNeeded, mail_enqueue
from accounts.services.attempts import Limit, attempts_take
from accounts.services.audit import audit_write
from accounts.services.tokens import lifetime_of, link_to, token_mint

# of one address by one programme: whoever holds a programme, and anybody may register one, floods no mailbox
INVITED = Limit("invited", 20, 60 * 60)
PURPOSE_OF_ROLE: dict[str, str] = {
    Role.ADMINISTRATOR: EmailToken.Purpose.ACTIVATE_PROGRAMME,
    Role.OPERATOR: EmailToken.Purpose.ACCEPT_OPERATOR,
    Role.OCCUPANT: EmailToken.Purpose.ACCEPT_OCCUPANT,
    Role.CONSUMER: EmailToken.Purpose.JOIN_UTILITY,
}


def person_known_as(*, email: str, language: str) -> User:
    """The person with this address, made without a password when unknown."""
    address = email.strip().lower()
    user, created = User.objects.get_or_create(email=address, defaults={"language": language})
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


@transaction.atomic
def membership_invite(
    *,
    programme: Programme,
    email: str,
    role: str,
    mail_kind: str,
    context: dict[str, Any] | None = None,
    invited_by: User | None = None,
    language: str = "",
) -> Membership:
    """Ask a person into a programme: unknown people are made without a password, the mail carries the link.

    `mail_kind` is registered with `secrets=membership_secrets`; its templates get `link`, `days` (how long it
    works), `programme`, `role`, `email` and what `context` holds. Inviting again sends a new mail; a person who
    has accepted before stays accepted. Raises `too_many_attempts` when people (`invited_by`) invite without end.
    """
    if invited_by is not None:
        attempts_take(limit=INVITED, who=f"{programme.public_id} {email.strip().lower()}")
    language = language or programme.language or get_language() or "fr"
    user = person_known_as(email=email, language=language)
    membership, created = Membership.objects.get_or_create(programme=programme, user=user, role=role)
    mail_enqueue(
        kind=mail_kind,
        recipient=user.email,
        language=user.language if user.has_usable_password() else language,
        programme_id=programme.pk,
        context={
            **(context or {}),
            "programme": programme.name,
            "role": role,
            "email": user.email,
            "membership": str(membership.public_id),
        },
    )
    if invited_by is not None:
        audit_write(
            programme=programme,
            user=invited_by,
            action=f"{role}.invited" if created else f"{role}.invited_again",
            target_kind="membership",
            target=str(membership.public_id),
            detail={"email": user.email},
        )
    return membership


def membership_secrets(message: OutboxMessage) -> dict[str, Any]:
    """What an invitation's mail gets at the moment of sending: a fresh link."""
    membership = (
        Membership.objects.select_related("user", "programme")
        .filter(public_id=message.context["membership"])
        .first()
    )
    if membership is None:
        raise MailNotNeeded("the invitation was withdrawn")
    purpose = PURPOSE_OF_ROLE[membership.role]
    secret = token_mint(
        purpose=purpose, user=membership.user, programme=membership.programme, membership=membership
    )
    return {"link": link_to("activate", secret), "days": lifetime_of(purpose).days}


@transaction.atomic
def membership_withdraw(*, membership: Membership, withdrawn_by: User | None = None) -> None:
    """Take a role away, or an invitation back: at once, links that wait for an answer with it."""
    audit_write(
        programme=membership.programme,
        user=withdrawn_by,
        action=f"{membership.role}.removed",
        target_kind="membership",
        target=str(membership.public_id),
        detail={"email": membership.user.email},
    )
    membership.delete()  # its links go with it; an account without a password is purged later


def membership_accept(*, membership: Membership) -> None:
    if membership.accepted_at is None:
        membership.accepted_at = timezone.now()
        membership.save(update_fields=["accepted_at"])
