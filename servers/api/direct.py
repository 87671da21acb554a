"""A server's call goes straight to its operation: no person stands behind it, so there is no session to open.

What the way through the other middleware does for every answer is done here as well: the host is one of ours, the
sentences are in the language asked for, and nobody may show an answer in a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from servers.api.shape import PREFIX


class DirectMiddleware:
    """Stands before sessions, cookies and people. Addresses that are open to everybody (the API's pages) go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = _operation(request.path_info)
        if match is None:
            return self.get_response(request)
        request.get_host()  # raises for a foreign one
        request.resolver_match = match
        request.LANGUAGE_CODE = translation.get_language_from_request(request)
        with translation.override(request.LANGUAGE_CODE):
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        for name, value in (
            ("Content-Language", request.LANGUAGE_CODE),
            ("Content-Length", str(len(response.content))),
            ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ):
            response.headers.setdefault(name, value)
        return response


@lru_cache(maxsize=64)  # a box calls a handful of addresses; each is looked for among all routes
def _operation(path: str) -> ResolverMatch | None:
    """The operation of a server behind an address, if there is one."""
    if not path.startswith(PREFIX):
        return None
    try:
        match = resolve(path)
    except Resolver404:
        return None
    access = getattr(match.func, "access", None)
    return match if access is not None and access.kind == "server" else None
