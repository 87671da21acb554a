"""/health/live, /health/ready and /metrics, answered before sessions, languages and the check of the host.

A load balancer asks by the machine's own address, and Prometheus by the container's name. So these three are no
routes of the portal: they need no Host of ours, are never redirected to https, and read no session.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.operations import health
from portal.operations.paths import LIVE, METRICS, READY

Answer = Callable[[HttpRequest], HttpResponse]


class OperationsMiddleware:
    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = DOORS.get(request.path_info)
        if door is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = door(request)
        response.headers["Cache-Control"] = "no-store"
        return response


def figures(request: HttpRequest) -> HttpResponse:
    """Only with the token, in the header only; without, the address does not exist."""
    expected = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        return HttpResponse(status=404)
    from portal.operations import metrics  # its library takes 5 MB, which only those pay who ask

    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


DOORS: dict[str, Answer] = {LIVE: health.live, READY: health.ready, METRICS: figures}
