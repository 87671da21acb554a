"""How often a server may call, and how often a wrong password may be tried: per address, and per address and serial.

Not per serial alone: a stranger who can read a label could lock the box out of its own portal, and a password
of 153 bits is not found by trying.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.services.attempts import Limit, attempts_check, attempts_count

PER_ADDRESS = 5  # times as many as for one serial: a site may have several boxes behind one address


class Bucket:
    """So many calls a second a server, after a burst. In this process's memory: a flood costs no query.

    The burst lets a gateway that was cut off for weeks bring its spool without waiting.

    `name`: the settings `<name>_PER_SECOND` and `<name>_BURST` say how many; `code` is the refusal's.
    """

    def __init__(self, name: str, code: str) -> None:
        self._name, self._code = name, code
        self._lock = threading.Lock()
        self._left: dict[int, tuple[float, float]] = {}

    def take(self, server_id: int) -> None:
        """Raises `DomainError` 429 with the seconds until it is worth coming again."""
        rate, burst = (float(getattr(settings, f"{self._name}_{part}")) for part in ("PER_SECOND", "BURST"))
        now = time.monotonic()
        with self._lock:
            left, at = self._left.get(server_id, (burst, now))
            left = min(burst, left + (now - at) * rate)
            allowed = left >= 1
            self._left[server_id] = (left - 1 if allowed else left, now)
        if not allowed:
            raise DomainError(self._code, _("Too many calls: wait a little."), status=429, retry_after=5)

    def forget(self) -> None:
        self._left.clear()


# all calls but readings, which have a bucket of their own: a flood of one kind does not hold up the other
CALLS = Bucket("API_CALLS", "too_many_calls")


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
