"""How often a wrong password may be tried: per address, and per address and serial.

Not per serial alone: a stranger who can read a label could lock the box out of its own portal, and a password
of 153 bits is not found by trying.
"""

from __future__ import annotations

from collections.abc import Iterator

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.services.attempts import Limit, attempts_check, attempts_count

PER_ADDRESS = 5  # times as many as for one serial: a site may have several boxes behind one address


def _address(request: HttpRequest) -> str:
    try:
        return get_adapter().get_client_ip(request) or "-"
    except PermissionDenied:  # behind a socket of this machine there is none: they share one count
        return "-"


def _limits(request: HttpRequest, serial: str) -> Iterator[tuple[Limit, str]]:
    address = _address(request)
    tries, seconds = settings.ACTIVATION_FAILURES, settings.ACTIVATION_FAILURE_MINUTES * 60
    yield Limit("activation", tries, seconds), f"{address} {serial}"
    yield Limit("activation-address", tries * PER_ADDRESS, seconds), address


def refuse_when_too_many(request: HttpRequest, serial: str) -> None:
    """Raises `DomainError` too_many_attempts when this address has failed too often."""
    for limit, who in _limits(request, serial):
        attempts_check(limit=limit, who=who)


def count_failure(request: HttpRequest, serial: str) -> None:
    for limit, who in _limits(request, serial):
        attempts_count(limit=limit, who=who)
