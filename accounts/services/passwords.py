"""Passwords are chosen by their owners: by a link of a mail, or with the current one."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.models import EmailToken, OutboxMessage, User
from accounts.outbox import MailNotNeeded, mail_enqueue, mails_take_back, person_moment
from accounts.services.attempts import Limit, attempts_check, attempts_count
from accounts.services.tokens import RESET_HOURS, link_to, links_end, token_find, token_mint, token_use

RESET = EmailToken.Purpose.RESET_PASSWORD
PURPOSES = frozenset({RESET.value})
ASKED_BEFORE = ("password_forgotten", "address_prove", "programme_handed_over")  # mails with such a link
WRONG_CURRENT = Limit("current-password", 5, 15 * 60)


@transaction.atomic
def password_reset_request(*, email: str) -> None:
    """Send a link to a person who has a password; for anybody else nothing happens, and nobody can tell."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None or not user.has_usable_password():
        return
    mail_enqueue(
        kind="password_forgotten",
        recipient=user.email,
        language=user.language,
        context={"person": str(user.public_id), "email": user.email},
    )


def reset_secrets(message: OutboxMessage) -> dict[str, Any]:
    person = User.objects.filter(public_id=message.context["person"], is_active=True)
    user = person.filter(email=message.recipient).first()
    if user is None:
        raise MailNotNeeded("the account has another address by now, or is closed")
    return {"link": link_to("password_reset", token_mint(purpose=RESET, user=user)), "hours": RESET_HOURS}


def reset_open(*, secret: str) -> EmailToken:
    """Read the link; changes nothing. Raises `link_*`."""
    return token_find(secret=secret, purposes=PURPOSES)


@transaction.atomic
def password_reset(*, secret: str, password: str) -> User:
    """Set the password that the form validated. All sessions end with the old one."""
    token = reset_open(secret=secret)
    token_use(token)
    _set(token.user, password)
    return token.user


@transaction.atomic
def password_change(*, user: User, current: str, password: str) -> None:
    """With the current password, tries limited. The caller keeps its own session alive."""
    who = str(user.public_id)
    attempts_check(limit=WRONG_CURRENT, who=who)
    if not user.check_password(current):
        attempts_count(limit=WRONG_CURRENT, who=who)
        raise DomainError("password_wrong", _("The current password is not right."), field="current")
    _set(user, password)


def password_confirm(*, user: User, password: str) -> None:
    """Raise unless this is the person's password. Tries are limited, together with those of a change."""
    who = str(user.public_id)
    attempts_check(limit=WRONG_CURRENT, who=who)
    if not user.check_password(password):
        attempts_count(limit=WRONG_CURRENT, who=who)
        raise DomainError("password_wrong", _("The password is not right."), field="password")


def _set(user: User, password: str) -> None:
    """Links that were asked for before end: whoever asked may be the one that the new password is to keep out."""
    user.set_password(password)
    user.save(update_fields=["password"])
    mails_take_back(kinds=ASKED_BEFORE, why="the password was changed", context__person=str(user.public_id))
    links_end(user=user, purposes=(RESET, EmailToken.Purpose.CHANGE_EMAIL))
    mail_enqueue(
        kind="password_changed",
        recipient=user.email,
        language=user.language,
        context={"email": user.email, **person_moment(user)},
    )
