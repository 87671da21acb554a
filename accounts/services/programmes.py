"""A programme's life before it has a building: registered, activated, or purged."""

from __future__ import annotations

import logging
import re
import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import AuditEntry, Membership, Programme, Role, User
from accounts.services.audit import audit_record, audit_write
from accounts.services.invitations import membership_accept, membership_invite
from accounts.tenancy import tenant_scope, unscoped

log = logging.getLogger(__name__)
NAME_MAX = 80
# letters with their combining marks, digits, space, hyphen, apostrophe, dot; the underscore is no letter
NAME_ALLOWED = re.compile(r"(?:[^\W_]|[\u0300-\u036f \-.'’])+")
# enough for an address that can be read out; the name itself stays as typed
CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a,b,v,g,d,e,e,zh,z,i,y,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,shch,,y,,e,yu,ya".split(","),  # noqa: SIM905
        strict=True,
    )
)
SLUG_MAX = 80
ADDRESS_FIELDS = ("address_line_1", "address_line_2", "postal_code", "town", "country")


def programme_name_checked(name: str) -> str:
    """The name with its spaces tidied. Raises `programme_name` for one that cannot be a name."""
    tidy = " ".join(name.split())
    if not tidy or not any(character.isalnum() for character in tidy):
        raise DomainError(
            "programme_name", _("Give the programme a name with letters or digits."), field="name"
        )
    if len(tidy) > NAME_MAX:
        raise DomainError("programme_name", _("The name may have at most 80 characters."), field="name")
    if not NAME_ALLOWED.fullmatch(tidy):
        raise DomainError(
            "programme_name",
            _("A name may have letters, digits, spaces, hyphens, apostrophes and dots only."),
            field="name",
        )
    return tidy


def _taken() -> DomainError:
    return DomainError(
        "programme_name_taken",
        _("A programme of this name exists already. Please choose another name."),
        field="name",
    )


def slug_for(name: str) -> str:
    """A free address part: of Latin letters, readable where the name allows it."""
    latin = "".join(CYRILLIC.get(character, character) for character in name.lower())
    base = slugify(latin)[:SLUG_MAX].strip("-") or "programme"
    if not Programme.objects.filter(slug=base).exists():
        return base
    return f"{base[: SLUG_MAX - 7]}-{secrets.token_hex(3)}"


def _programme_make(*, name: str, slug: str, **fields: str) -> Programme:
    name = programme_name_checked(name)
    if Programme.objects.filter(name_key=Programme.key_of(name)).exists():
        raise _taken()
    try:
        with transaction.atomic():
            return Programme.objects.create(name=name, slug=slug or slug_for(name), **fields)
    except IntegrityError:  # somebody was a moment faster
        if slug and Programme.objects.filter(slug=slug).exists():
            raise DomainError("slug_taken", _("This address is taken."), field="slug") from None
        raise _taken() from None


@transaction.atomic
def programme_register(*, name: str, email: str, language: str) -> Programme:
    """A visitor's housing programme: not activated, with its administrator to be, and the mail on its way.

    A known and an unknown address are treated the same. Raises `programme_name` and `programme_name_taken`.
    """
    programme = _programme_make(name=name, slug="", language=language)
    membership_invite(
        programme=programme,
        email=email,
        role=Role.ADMINISTRATOR,
        mail_kind="programme_created",
        language=language,
    )
    return programme


@transaction.atomic
def programme_create(
    *,
    name: str,
    slug: str,
    kind: str,
    administrator: str,
    operators: tuple[str, ...] = (),
    time_zone: str = "",
    currency: str = "",
    language: str = "",
    activated: bool = False,
) -> Programme:
    """What an operator of the portal makes by command, utilities first of all.

    `activated` opens the programme at once; its people still follow a link to choose a password. Raises
    `slug_taken`, `time_zone`, `currency` beside what `programme_register` raises.
    """
    utility = kind == Programme.Kind.UTILITY
    time_zone = time_zone or ("Europe/Moscow" if utility else "Europe/Paris")
    currency = currency or ("RUB" if utility else "EUR")
    language = language or ("ru" if utility else "fr")
    _checked_zone(time_zone)
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise DomainError(
            "currency", _("A currency is three capital letters, for example EUR."), field="currency"
        )
    programme = _programme_make(
        name=name, slug=slug, kind=kind, time_zone=time_zone, currency=currency, language=language
    )
    if activated:
        programme_activate(programme=programme)
    for role, mail_kind, emails in (
        (Role.ADMINISTRATOR, "programme_created", (administrator,)),
        (Role.OPERATOR, "operator_opened", operators),
    ):
        for email in emails:
            membership = membership_invite(
                programme=programme, email=email, role=role, mail_kind=mail_kind, language=language
            )
            if activated:
                membership_accept(membership=membership)
    audit_write(programme=programme, user=None, action="programme.created", detail={"name": programme.name})
    return programme


def _checked_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError of its own
        known = False
    except KeyError:
        known = False
    else:
        known = True
    if not known:
        raise DomainError(
            "time_zone", _("This time zone is not known, for example Europe/Paris."), field="time_zone"
        )


@transaction.atomic
def programme_address_change(*, actor: Actor, lines: dict[str, str]) -> None:
    """Keep the postal address of the programme's holder, for information only. Other keys are not taken."""
    programme = Programme.objects.get(pk=actor.programme.pk)
    changed = [name for name in ADDRESS_FIELDS if name in lines and getattr(programme, name) != lines[name]]
    if not changed:
        return
    for name in changed:
        setattr(programme, name, lines[name])
    programme.save(update_fields=changed)
    audit_record(actor=actor, action="programme.account_changed", detail={"fields": changed})


def programme_activate(*, programme: Programme) -> None:
    if programme.activated_at is None:
        programme.activated_at = timezone.now()
        programme.save(update_fields=["activated_at"])


def purge_unactivated() -> int:
    """Delete programmes nobody activated in time, joins nobody confirmed, and accounts that belong nowhere.

    Each in its own transaction, so that one that cannot go (somebody put data into it) holds up no other.
    Returns how many programmes went.
    """
    before = timezone.now() - timedelta(days=settings.ACTIVATION_DAYS)
    late = Programme.objects.filter(activated_at=None, created_at__lt=before)
    purged = sum(_programme_delete(programme) for programme in late)
    Membership.objects.filter(role=Role.CONSUMER, accepted_at=None, created_at__lt=before).delete()
    lone = User.objects.filter(
        memberships=None,
        password__startswith=UNUSABLE_PASSWORD_PREFIX,
        last_login=None,
        date_joined__lt=before,
        is_staff=False,
    )
    for user in lone:
        _user_delete(user)
    return purged


def _programme_delete(programme: Programme) -> bool:
    try:
        with tenant_scope(programme.pk), transaction.atomic():
            AuditEntry.objects.all().delete()
            programme.delete()
    except (ProtectedError, IntegrityError):
        log.warning("programme %s was not activated in time, but holds data: it stays", programme.slug)
        return False
    return True


def _user_delete(user: User) -> None:
    try:
        with unscoped(reason="a person may stand in any programme's rows"), transaction.atomic():
            user.delete()
    except (ProtectedError, IntegrityError):
        log.warning("account %s belongs nowhere, but rows name it: it stays", user.public_id)
