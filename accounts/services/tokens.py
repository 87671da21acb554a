"""Links in mails. The secret exists only in the mail; the table holds its HMAC, and a link works once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.models import EmailToken, Membership, Programme, User
from accounts.secrets import digest_of, digests_of, make_token

PURPOSE = "link"
Purpose = EmailToken.Purpose
RESET_HOURS = 24


def lifetime_of(purpose: str) -> timedelta:
    if purpose == Purpose.ACCEPT_OCCUPANT:
        return timedelta(days=settings.INVITATION_DAYS)
    if purpose == Purpose.RESET_PASSWORD:
        return timedelta(hours=RESET_HOURS)
    return timedelta(days=settings.ACTIVATION_DAYS)


def token_mint(
    *,
    purpose: str,
    user: User,
    programme: Programme | None = None,
    membership: Membership | None = None,
    new_email: str = "",
) -> str:
    """A new secret; only its HMAC is stored. Called by the worker at the moment of sending, never earlier."""
    secret = make_token()
    EmailToken.objects.create(
        digest=digest_of(secret, purpose=PURPOSE),
        purpose=purpose,
        user=user,
        programme=programme,
        membership=membership,
        new_email=new_email,
        expires_at=timezone.now() + lifetime_of(purpose),
    )
    return secret


def link_to(url_name: str, secret: str) -> str:
    """Absolute, from the settings: a request's Host header never gets into a mail."""
    return f"{settings.SITE_URL}{reverse(url_name, args=[secret])}"


def token_find(*, secret: str, purposes: frozenset[str]) -> EmailToken:
    """The token of a link, still good. Raises `link_unknown`, `link_used` or `link_expired`. Changes nothing."""
    token = (
        EmailToken.objects.select_related("user", "programme", "membership")
        .filter(digest__in=digests_of(secret, purpose=PURPOSE), purpose__in=purposes, user__is_active=True)
        .first()
    )
    if token is None:
        raise DomainError(
            "link_unknown",
            _("We do not know this link: it is incomplete, or its time has passed and it was deleted."),
        )
    if token.used_at is not None:
        raise DomainError("link_used", _("This link has been used already; it works only once."))
    if token.expires_at <= timezone.now():
        raise DomainError("link_expired", _("The time of this link has passed."), purpose=token.purpose)
    return token


def links_end(*, user: User, purposes: Iterable[str]) -> None:
    """Every link of these purposes that a person was mailed is spent."""
    EmailToken.objects.filter(user=user, purpose__in=list(purposes), used_at=None).update(
        used_at=timezone.now()
    )


def token_use(token: EmailToken) -> None:
    """Spend it, in the transaction of what it allows: of two people with one link one wins.

    Its sisters (a mail that was sent twice) are spent with it.
    """
    now = timezone.now()
    if not EmailToken.objects.filter(pk=token.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        raise DomainError("link_used", _("This link has been used already; it works only once."))
    EmailToken.objects.filter(
        user=token.user_id,
        purpose=token.purpose,
        membership=token.membership_id,
        new_email=token.new_email,
        used_at=None,
    ).update(used_at=now)
