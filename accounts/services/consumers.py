"""Consumers join a utility by themselves; a contract shows later what is theirs."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Programme, Role
from accounts.services.invitations import membership_invite


@transaction.atomic
def consumer_join(*, programme: Programme, email: str, language: str) -> None:
    """Send the link that makes a consumer; the same for an address that is known, a consumer already, or new."""
    membership_invite(
        programme=programme, email=email, role=Role.CONSUMER, mail_kind="utility_joined", language=language
    )
