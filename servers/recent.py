"""How lately the person behind a session proved who they are: at sign-in, or by their password since."""

from __future__ import annotations

import time

from django.http import HttpRequest

CONFIRMED_AT = "confirmed_at"
SIGNED_IN = "account_authentication_methods"  # allauth's own list of {"method", "at"}


def confirmed_within(request: HttpRequest, minutes: int) -> bool:
    """Whether the password was given in this session in the last `minutes` (0: never lately enough)."""
    moments = [request.session.get(CONFIRMED_AT, 0)]
    moments += [record.get("at", 0) for record in request.session.get(SIGNED_IN, [])]
    return time.time() - max(moments) < minutes * 60


def confirm(request: HttpRequest) -> None:
    """The password has just been given."""
    request.session[CONFIRMED_AT] = time.time()
