"""Each request gets a number, is counted, and leaves one line in the log; the answer carries the number."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.logs import log_with
from accounts.measures import REQUEST_SECONDS, REQUESTS

log = logging.getLogger("releve.request")
GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
HEADER = "X-Request-ID"


class RequestMiddleware:
    """Outermost: what any other part logs about this request carries its number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number, since = _number(request), time.perf_counter()
        with log_with(request=number):
            response = self.get_response(request)
            seconds = time.perf_counter() - since
            _tell(request, response, seconds)
        response.headers[HEADER] = number
        return response


def _number(request: HttpRequest) -> str:
    """The proxy's own, where one is trusted; a stranger's is not taken, or lines could be made to look alike."""
    given = request.headers.get(HEADER, "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and GIVEN.fullmatch(given):
        return given
    return uuid.uuid4().hex


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    match = request.resolver_match
    # a pattern, never a path: there are a hundred patterns, and paths hold secrets
    route = match.route if match else "-"
    method = request.method if request.method in ("GET", "POST", "PUT", "DELETE", "HEAD") else "other"
    REQUESTS.labels(route, method, response.status_code).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    facts = {"route": route, "ms": round(seconds * 1000), **_who(request)}
    log.info("%s %s %s", request.method, request.path, response.status_code, extra={"facts": facts})


def _who(request: HttpRequest) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if (programme := getattr(request, "programme", None)) is not None:
        facts["programme"] = programme.pk
    if (credential := getattr(request, "credential", None)) is not None:
        facts |= {"programme": credential.programme_id, "server": credential.server_id}
    # only where the session was read already: a line of a log must not cost a query
    user = request.__dict__.get("_cached_user")
    if user is not None and user.pk is not None:
        facts["person"] = user.pk
    return facts
