"""The gateway API v1: activation, publication, heartbeat, commands, scans; other apps add routers of their own.

`portal.urls` mounts it: `path("api/v1/", gateway_urls(build_api([...])))`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router

from accounts.access import public, server_authenticated
from servers.api import activation, heartbeat, publication, scan
from servers.api.body import StrictParser
from servers.api.errors import error, install_handlers, not_found

_SECRETS = frozenset(
    {"token", "access_token", "auth", "authorization", "bearer", "key", "api_key", "apikey", "password"}
)
_PUBLIC = frozenset({"openapi-json", "openapi-view", "api-root"})


def build_api(routers: Iterable[Router] = ()) -> NinjaAPI:
    """The API with the routers of the apps above this one (`POST /readings` belongs to readings)."""
    api = NinjaAPI(
        title="Relevé gateway API",
        version="1",
        description="What a gateway tells the portal. Errors are {code, message}. The token travels in the "
        "Authorization header only.",
        urls_namespace="gateway",
        parser=StrictParser(),
    )
    install_handlers(api)
    for router in (activation.router, publication.router, heartbeat.router, scan.router, *routers):
        api.add_router("", router)
    return api


def gateway_urls(api: NinjaAPI) -> tuple[list[Any], str, str]:
    """The API's addresses, each with a stated access and errors of our shape, down to an unknown path."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        mark = public if pattern.name in _PUBLIC else server_authenticated
        pattern.callback = mark(_shaped(pattern.callback))
        # no cookie signs anybody in here, so there is nothing to forge: a wrong method is told as one
        pattern.callback.csrf_exempt = True  # type: ignore[union-attr,attr-defined]
    rest: Any = _shaped(_nothing_here)
    return [*patterns, path("<path:rest>", public(rest), name="nothing")], app, namespace


def _nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404


_nothing_here.csrf_exempt = True  # type: ignore[attr-defined]


def _shaped(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _SECRETS & {name.lower() for name in request.GET}:
            # addresses are written into logs on the way here, so such a secret is spent
            return _kept_nowhere(
                error(
                    400,
                    "token_in_query",
                    _("Send the token in the Authorization header, never in the address."),
                )
            )
        if not (request.META.get("CONTENT_LENGTH") or "0").isdecimal():
            # a web server in front refuses it; Django trusts that one does
            return _kept_nowhere(error(400, "malformed", _("The body was cut off.")))
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = not_found()
        if response.status_code == 405:
            allow = response.headers.get("Allow", "")
            response = error(405, "method_not_allowed", _("This address does not know that method."))
            response["Allow"] = allow
        return _kept_nowhere(response)

    return shaped


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "no-store")
    return response
