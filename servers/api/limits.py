"""How often a wrong password may be tried: per address, and per address and serial.

Not per serial alone: a stranger who can read a label could lock the box out of its own portal, and a password
of 153 bits is not found by trying.
"""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.secrets import digest_of

PER_ADDRESS = 5  # times as many as for one serial: a site may have several boxes behind one address


def _keys(request: HttpRequest, serial: str) -> list[tuple[str, int]]:
    address = get_adapter().get_client_ip(request) or "-"
    limit = settings.ACTIVATION_FAILURES
    return [
        (f"activation:{digest_of(f'{address} {serial}', purpose='limit')}", limit),
        (f"activation:{digest_of(address, purpose='limit')}", limit * PER_ADDRESS),
    ]


def refuse_when_too_many(request: HttpRequest, serial: str) -> None:
    """Raises `DomainError` too_many when this address has failed too often."""
    counts = cache.get_many([key for key, _limit in _keys(request, serial)])
    if any(counts.get(key, 0) >= limit for key, limit in _keys(request, serial)):
        minutes = settings.ACTIVATION_FAILURE_MINUTES
        raise DomainError(
            "too_many", _("Too many attempts; try again in a few minutes."), retry_after=minutes * 60
        )


def count_failure(request: HttpRequest, serial: str) -> None:
    for key, _limit in _keys(request, serial):
        cache.add(key, 0, timeout=settings.ACTIVATION_FAILURE_MINUTES * 60)
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two
            cache.set(key, 1, timeout=settings.ACTIVATION_FAILURE_MINUTES * 60)
