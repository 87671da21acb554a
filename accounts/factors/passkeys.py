"""Passkeys (WebAuthn): the questions put to the browser, and the checking of its answers.

The challenge lies in the session and works once. What a browser sends is a stranger's text until it is verified:
every malformed answer is one refusal, never an error page.
"""

from __future__ import annotations

import ipaddress
import json
import uuid
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from fido2.utils import websafe_decode

from accounts.errors import DomainError
from accounts.models import User

ANSWER_MAX = 20_000  # characters; a real one has about 1,000


def _refused() -> DomainError:
    return DomainError("passkey_refused", _("The passkey was not accepted. Please try again."))


def passkeys_possible() -> bool:
    """Browsers bind a passkey to a name: an address of digits cannot have one, nor plain HTTP (but localhost)."""
    site = urlsplit(settings.SITE_URL)
    host = site.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return site.scheme == "https" or host == "localhost"
    return False


def _plain(options: Any) -> Any:
    return json.loads(json.dumps(options, default=_json))


def _json(value: Any) -> Any:
    return dict(value)


def registration_options(user: User) -> Any:
    """What `navigator.credentials.create` is to be asked; the challenge stays in the session."""
    return _plain(auth.begin_registration(user, passwordless=True))


def sign_in_options(user: User | None = None) -> Any:
    """What `navigator.credentials.get` is to be asked: of one person, or of whoever holds a passkey."""
    return _plain(auth.begin_authentication(user))


def _answer(text: str) -> dict[str, Any]:
    if len(text) > ANSWER_MAX:
        raise _refused()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused() from None
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise _refused()
    return found


def registration_verified(text: str) -> dict[str, Any]:
    """The credential of a new passkey, verified against the session's challenge. Raises `passkey_refused`."""
    answer = _answer(text)
    try:
        auth.parse_registration_response(answer)
        binding = auth.complete_registration(answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        raise _refused() from None
    if not binding.is_user_verified():
        raise _refused()
    return answer


def passkey_verified(text: str, user: User | None = None) -> tuple[User, Authenticator]:
    """Whose passkey answered. `user` None: the answer names its person. Raises `passkey_refused`."""
    answer = _answer(text)
    try:
        auth.parse_authentication_response(answer)
        person = user or _named(answer)
        factor = auth.complete_authentication(person, answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        raise _refused() from None
    Authenticator.objects.filter(pk=factor.pk).update(last_used_at=timezone.now())
    return person, factor


def _named(answer: dict[str, Any]) -> User:
    handle = websafe_decode(answer["response"]["userHandle"])
    person = User.objects.filter(public_id=uuid.UUID(bytes=handle), is_active=True).first()
    if person is None:
        raise ValueError("nobody's handle")
    return person
