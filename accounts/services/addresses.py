"""A new e-mail address: of a person, or of a programme's holder (which hands the programme over)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.factors.services import factors_end
from accounts.models import EmailToken, Membership, OutboxMessage, Programme, Role, User
from accounts.outbox import MailNotNeeded, mail_enqueue, mails_take_back, person_moment
from accounts.services.audit import audit_record, audit_write
from accounts.services.tokens import lifetime_of, link_to, links_end, token_find, token_mint, token_use

CHANGE = EmailToken.Purpose.CHANGE_EMAIL
PURPOSES = frozenset({CHANGE.value})
_at_handover: list[Callable[[Programme], None]] = []


def at_handover(ends: Callable[[Programme], None]) -> None:
    """Register what an app above ends when a programme changes hands: secrets that only the old holder has read."""
    _at_handover.append(ends)


def _spend_older(user: User, membership: Membership | None) -> None:
    """The newest address asked for counts: links to those before it end, also those whose mail still waits."""
    kind = "address_prove" if membership is None else "programme_handed_over"
    mails_take_back(kinds=[kind], why="another address was given", context__person=str(user.public_id))
    EmailToken.objects.filter(user=user, purpose=CHANGE, membership=membership, used_at=None).update(
        used_at=timezone.now()
    )


def _same(user: User, email: str) -> None:
    if email == user.email:
        raise DomainError("address_same", _("This is the address already in use."), field="email")


@transaction.atomic
def handover_request(*, actor: Actor, email: str) -> None:
    """The administrator names a new holder: a mail to the new address proves it. Nothing changes before that."""
    email = email.strip().lower()
    _same(actor.user, email)
    membership = Membership.objects.get(programme=actor.programme, user=actor.user, role=Role.ADMINISTRATOR)
    _spend_older(actor.user, membership)
    mail_enqueue(
        kind="programme_handed_over",
        recipient=email,
        language=actor.user.language,
        programme_id=actor.programme.pk,
        context={
            "programme": actor.programme.name,
            "membership": str(membership.public_id),
            "person": str(actor.user.public_id),
            "old_email": actor.user.email,
            "email": email,
        },
    )
    audit_record(
        actor=actor,
        action="administrator.handover_asked",
        target_kind="membership",
        target=str(membership.public_id),
        detail={"email": email},
    )


def handover_secrets(message: OutboxMessage) -> dict[str, Any]:
    context = message.context
    membership = (
        Membership.objects.select_related("user", "programme")
        .filter(public_id=context["membership"], user__public_id=context["person"])
        .first()
    )
    if membership is None:
        raise MailNotNeeded("the programme has another holder by now")
    secret = token_mint(
        purpose=CHANGE,
        user=membership.user,
        programme=membership.programme,
        membership=membership,
        new_email=context["email"],
    )
    return {"link": link_to("activate", secret), "days": lifetime_of(CHANGE).days}


def handover_complete(*, membership: Membership, new_holder: User) -> None:
    """The programme changes hands: in the transaction of the link that was followed."""
    old_holder = membership.user
    Membership.objects.filter(
        programme=membership.programme, user=new_holder, role=Role.ADMINISTRATOR
    ).delete()
    membership.user = new_holder
    membership.accepted_at = timezone.now()
    membership.save(update_fields=["user", "accepted_at"])
    sessions_end(user=old_holder)
    factors_end(user=old_holder)
    EmailToken.objects.filter(membership=membership, used_at=None).update(used_at=timezone.now())
    for ends in _at_handover:
        ends(membership.programme)
    audit_write(
        programme=membership.programme,
        user=new_holder,
        action="administrator.handed_over",
        target_kind="membership",
        target=str(membership.public_id),
        detail={"from": old_holder.email, "to": new_holder.email},
    )
    _tell_both(
        person=new_holder,
        old_email=old_holder.email,
        new_email=new_holder.email,
        language=old_holder.language,
        programme=membership.programme.name,
    )


def sessions_end(*, user: User) -> None:
    """End every session of a person, on all browsers."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


@transaction.atomic
def address_change_request(*, user: User, email: str) -> None:
    """A person's own new address. The same happens whether or not somebody else has it."""
    email = email.strip().lower()
    _same(user, email)
    _spend_older(user, None)
    mail_enqueue(
        kind="address_prove",
        recipient=email,
        language=user.language,
        context={"person": str(user.public_id), "old_email": user.email, "email": email},
    )


def address_secrets(message: OutboxMessage) -> dict[str, Any]:
    user = User.objects.filter(public_id=message.context["person"]).first()
    if user is None:
        raise MailNotNeeded("the account is gone")
    secret = token_mint(purpose=CHANGE, user=user, new_email=message.context["email"])
    return {"link": link_to("address_confirm", secret), "days": lifetime_of(CHANGE).days}


def address_link_open(*, secret: str, user: User) -> EmailToken:
    """Read the link of an own new address; only the person who asked may use it. Raises `link_*`."""
    token = token_find(secret=secret, purposes=PURPOSES)
    if token.membership_id is not None or token.user_id != user.pk:
        raise DomainError(
            "link_other_person",
            _("This link belongs to another account. Sign in with the address you had until now."),
        )
    return token


@transaction.atomic
def address_change_confirm(*, secret: str, user: User) -> User:
    """The new address is proved: it becomes the person's own; other sessions end."""
    token = address_link_open(secret=secret, user=user)
    token_use(token)
    old_email, user.email = user.email, token.new_email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError:
        user.email = old_email
        # said only to somebody who has shown that this mailbox is theirs
        raise DomainError(
            "address_taken", _("Another account has this address already; sign in with that one.")
        ) from None
    sessions_end(user=user)
    # whoever still reads the old mailbox chooses no password any more
    links_end(user=user, purposes=(EmailToken.Purpose.RESET_PASSWORD,))
    _tell_both(person=user, old_email=old_email, new_email=user.email, language=user.language)
    return user


def _tell_both(*, person: User, old_email: str, new_email: str, language: str, programme: str = "") -> None:
    moment = person_moment(person)
    for recipient in (old_email, new_email):
        mail_enqueue(
            kind="address_changed",
            recipient=recipient,
            language=language,
            context={
                "old_email": old_email,
                "email": new_email,
                "programme": programme,
                **moment,
            },
        )
