"""Adding, checking and removing second factors. Every change is told by mail; a code works once.

The last accepted step of an authenticator app is kept in its row, not in a cache: a code that was seen once stays
used whatever happens to the cache (facts/security.md, 6.5.1).
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.factors.adapter import seal, unseal
from accounts.models import User
from accounts.outbox import mail_enqueue, person_moment
from accounts.services.attempts import Limit, attempts_check, attempts_count

Type = Authenticator.Type
PERIOD = 30  # seconds a code is shown
WRONG_CODE = Limit("second-factor", 5, 5 * 60)
NAME_MAX = 60
KEYS_MAX = 10


def _wrong() -> DomainError:
    return DomainError(
        "code_wrong",
        _("This is not the right code, or it was used already. Wait for the next one."),
        field="code",
    )


def _step_of(secret: str, code: str) -> int | None:
    """The 30-second step whose code this is: the present one, or one beside it (clocks differ)."""
    now = int(time.time()) // PERIOD
    for step in (now, now - 1, now + 1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


def app_secret_new() -> str:
    """A secret for an authenticator app, sealed: so it may wait in the session until the first code proves it."""
    return seal(generate_totp_secret())


@transaction.atomic
def app_add(*, user: User, sealed: str, code: str) -> list[str]:
    """The app shows the right code: it counts from now on. Returns new recovery codes, if there were none."""
    person = _locked(user)
    attempts_check(limit=WRONG_CODE, who=str(user.public_id))
    step = _step_of(unseal(sealed), code)
    if step is None:
        attempts_count(limit=WRONG_CODE, who=str(user.public_id))
        raise _wrong()
    if Authenticator.objects.filter(user=person, type=Type.TOTP).exists():
        raise DomainError("app_exists", _("An authenticator app is set up already. Remove it first."))
    Authenticator.objects.create(user=person, type=Type.TOTP, data={"secret": sealed, "step": step})
    return _added(person, "app_added")


@transaction.atomic
def passkey_add(*, user: User, name: str, credential: dict[str, Any]) -> list[str]:
    """Keep a passkey whose registration was verified. Returns new recovery codes, if there were none."""
    person = _locked(user)
    if len(passkeys_of(person)) >= KEYS_MAX:
        raise DomainError("passkeys_full", _("Ten passkeys are enough. Remove one that you no longer use."))
    name = name[:NAME_MAX]
    data = {"name": name, "credential": credential, "public_id": str(uuid.uuid4())}
    Authenticator.objects.create(user=person, type=Type.WEBAUTHN, data=data)
    return _added(person, "passkey_added", name=name)


def _added(person: User, what: str, **more: str) -> list[str]:
    _tell(person, what, **more)
    if Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).exists():
        return []
    return list(RecoveryCodes.activate(person).generate_codes())


def passkeys_of(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).order_by("created_at"))


def app_of(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, type=Type.TOTP).first()


def recovery_left(user: User) -> int | None:
    """How many recovery codes are unused; None where there are none at all."""
    row = Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).first()
    return None if row is None else len(row.wrap().get_unused_codes())


@transaction.atomic
def recovery_renew(*, user: User) -> list[str]:
    """New recovery codes; the older ones end. They are shown once."""
    person = _locked(user)
    if not Authenticator.objects.filter(user=person).exclude(type=Type.RECOVERY_CODES).exists():
        raise DomainError("no_factor", _("Set up an authenticator app or a passkey first."))
    Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).delete()
    _tell(person, "codes_renewed")
    return list(RecoveryCodes.activate(person).generate_codes())


@transaction.atomic
def app_remove(*, user: User) -> None:
    _removed(user, app_of(_locked(user)), "app_removed")


@transaction.atomic
def passkey_remove(*, user: User, passkey: Authenticator) -> None:
    _removed(_locked(user), passkey, "passkey_removed", name=passkey.data.get("name", ""))


def _removed(user: User, factor: Authenticator | None, what: str, **more: str) -> None:
    if factor is None:
        return
    factor.delete()
    if not Authenticator.objects.filter(user=user).exclude(type=Type.RECOVERY_CODES).exists():
        Authenticator.objects.filter(user=user).delete()  # recovery codes alone recover nothing
    _tell(user, what, **more)


def factors_end(*, user: User) -> None:
    """All second factors of a person go, with the role or the account they guarded."""
    Authenticator.objects.filter(user=user).delete()


def code_use(*, user: User, code: str) -> Authenticator:
    """Take a code of the app, or a recovery code; each works once. Raises `code_wrong` and `too_many_attempts`."""
    who = str(user.public_id)
    attempts_check(limit=WRONG_CODE, who=who)
    factor = _app_code_taken(user, code) or _recovery_code_taken(user, code)
    if factor is None:
        attempts_count(limit=WRONG_CODE, who=who)
        raise _wrong()
    Authenticator.objects.filter(pk=factor.pk).update(last_used_at=timezone.now())
    return factor


@transaction.atomic
def _app_code_taken(user: User, code: str) -> Authenticator | None:
    row = Authenticator.objects.select_for_update().filter(user=user, type=Type.TOTP).first()
    step = _step_of(unseal(row.data["secret"]), code) if row else None
    if row is None or step is None or step <= row.data.get("step", 0):
        return None
    row.data["step"] = step
    row.save(update_fields=["data"])
    return row


@transaction.atomic
def _recovery_code_taken(user: User, code: str) -> Authenticator | None:
    row = Authenticator.objects.select_for_update().filter(user=user, type=Type.RECOVERY_CODES).first()
    if row is None or not row.wrap().validate_code("".join(code.split())):
        return None
    _tell(user, "code_used", left=str(recovery_left(user)))
    return row


def _locked(user: User) -> User:
    """Two windows that change factors at once come one after the other."""
    return User.objects.select_for_update().get(pk=user.pk)


def _tell(user: User, what: str, **more: str) -> None:
    mail_enqueue(
        kind="factor_changed",
        recipient=user.email,
        language=user.language,
        context={"what": what, "email": user.email, **person_moment(user), **more},
    )
