"""Secrets that machines and links carry: random, shown once, stored as HMAC, compared in constant time.

A 256-bit random secret needs no slow password hash; the HMAC's key is derived from SECRET_KEY, so a stolen table
alone lets nobody in.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from django.conf import settings

# capitals and digits without the letter O, as the seed's labels and passwords have them
LABEL_ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789"


def make_token() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def make_server_password() -> str:
    """30 characters, capitals and digits without O (about 153 bits)."""
    return "".join(secrets.choice(LABEL_ALPHABET) for _ in range(30))


def _digest(key: str, purpose: str, secret: str) -> str:
    derived = sha256(f"releve.{purpose}:{key}".encode()).digest()
    return hmac.new(derived, secret.encode(), sha256).hexdigest()


def digest_of(secret: str, *, purpose: str) -> str:
    """What is stored. `purpose` keeps one kind of secret from passing for another."""
    return _digest(settings.SECRET_KEY, purpose, secret)


def digests_of(secret: str, *, purpose: str) -> list[str]:
    """All digests a stored secret may have while SECRET_KEY is being rotated, the present one first."""
    return [_digest(key, purpose, secret) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def matches(secret: str, digest: str | None, *, purpose: str) -> bool:
    """Constant-time, also when there is nothing to compare with."""
    return any_equal(digests_of(secret, purpose=purpose), digest)


def any_equal(digests: list[str], digest: str | None) -> bool:
    """The same for digests made already."""
    found = False
    for candidate in digests:
        found |= hmac.compare_digest(candidate, digest or "-" * 64)
    return found
