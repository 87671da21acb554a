"""What following a link of a mail does: activate a programme, accept a role, take a programme over."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.models import EmailToken, Membership, Programme, Role, User
from accounts.services.addresses import handover_complete
from accounts.services.audit import audit_write
from accounts.services.invitations import PURPOSE_OF_ROLE, membership_accept
from accounts.services.programmes import programme_activate
from accounts.services.tokens import token_find, token_use

PURPOSES = frozenset({*PURPOSE_OF_ROLE.values(), EmailToken.Purpose.CHANGE_EMAIL.value})


@dataclass(frozen=True)
class Link:
    """What the page of a link shows before anything changes."""

    token: EmailToken
    membership: Membership
    programme: Programme
    role: str
    person: User  # not saved yet when a programme is handed over to somebody unknown

    @property
    def needs_password(self) -> bool:
        return self.person.pk is None or not self.person.has_usable_password()

    @property
    def needs_legal_notice(self) -> bool:
        return self.role == Role.OPERATOR

    @property
    def is_handover(self) -> bool:
        return self.token.purpose == EmailToken.Purpose.CHANGE_EMAIL


def link_open(*, secret: str) -> Link:
    """Read a link; changes nothing, so that a mail scanner may look at it. Raises `link_*`."""
    token = token_find(secret=secret, purposes=PURPOSES)
    membership, programme = token.membership, token.programme
    if membership is None or programme is None or membership.user_id != token.user_id:
        # a change of one's own address has a page of its own; a role that went to somebody else is gone
        raise _used()
    person = token.user
    if token.purpose == EmailToken.Purpose.CHANGE_EMAIL:
        known = User.objects.filter(email=token.new_email).first()
        person = known or User(email=token.new_email, language=token.user.language)
    if not person.is_active:  # nobody could get in any more
        raise DomainError("account_closed", _("This account is closed. Ask the person who invited you."))
    return Link(token, membership, programme, membership.role, person)


def _used() -> DomainError:
    return DomainError("link_used", _("This link has been used already; it works only once."))


@transaction.atomic
def link_accept(*, secret: str, password: str = "") -> Link:
    """Do what the link promises, once. `password` (validated by the form) is taken where the person has none."""
    link = link_open(secret=secret)
    if link.needs_password and not password:
        raise DomainError("password_missing", _("Choose a password."), field="password")
    # two links to one role, or a role taken away meanwhile: one comes after the other
    membership = Membership.objects.select_for_update().filter(pk=link.membership.pk).first()
    if membership is None or membership.user_id != link.token.user_id:
        raise _used()
    token_use(link.token)
    person = link.person
    if link.needs_password:
        _password_first(person, password)
    if link.is_handover:
        handover_complete(membership=membership, new_holder=person)
    else:
        membership_accept(membership=membership)
    if link.role == Role.ADMINISTRATOR:
        programme_activate(programme=link.programme)
    audit_write(
        programme=link.programme,
        user=person,
        action=f"{link.role}.accepted",
        target_kind="membership",
        target=str(membership.public_id),
        detail={"email": person.email},
    )
    return link


def _password_first(person: User, password: str) -> None:
    """The first password of an account, which may be made with it."""
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise DomainError(
            "account_made", _("An account of this address was made a moment ago. Please open the link again.")
        ) from None
