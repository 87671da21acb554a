"""The outermost and the innermost gate of a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import logout
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation

from accounts.access import ProgrammeRequest, actor_of, to_sign_in
from accounts.factors.required import factor_missing, to_factors
from accounts.models import Programme, User
from accounts.sessions.services import session_keep
from accounts.tenancy import no_scope, tenant_scope
from accounts.views.common import client_address

GetResponse = Callable[[HttpRequest], HttpResponse]
PROGRAMME_PATH = re.compile(r"^/p/(?P<slug>[-\w]+)/")


class NoScopeMiddleware:
    """A request starts with no programme in scope, whatever the thread did before."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with no_scope():
            return self.get_response(request)


class LanguageMiddleware:
    """The person's own language, else the one chosen on this browser, else what the browser asks for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if user.is_authenticated:
            language = user.language
        elif chosen and translation.check_for_language(chosen):
            language = chosen
        else:
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class BrowserMiddleware:
    """Keeps the list of a person's browsers, and ends a session that has lived its time."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not session_keep(request, address=client_address(request)):
            logout(request)
        return self.get_response(request)


class ProgrammeMiddleware:
    """Everything under /p/<slug>/ runs as a member of that programme, in its scope; a stranger gets 404."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = PROGRAMME_PATH.match(request.path_info)
        if path is None:
            return self._private(request, self.get_response(request))
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return self.get_response(request)
        programme = Programme.objects.filter(slug=path["slug"], activated_at__isnull=False).first()
        access = getattr(view, "access", None)
        guarded = access is None or access.kind != "public"
        if guarded and not request.user.is_authenticated:
            return to_sign_in(request)
        if programme is None:
            raise Http404
        inside = cast(ProgrammeRequest, request)
        if guarded:
            actor = actor_of(cast(User, request.user), programme)
            if actor is None:
                raise Http404
            inside.actor = actor
            if factor_missing(actor):
                return to_factors(request)
        inside.programme = programme
        with tenant_scope(programme.pk):
            response = self.get_response(request)
            if getattr(request, "view_failed", False) and connection.vendor == "postgresql":
                transaction.set_rollback(True)  # the scope is the request's transaction: no half of a change
        return self._private(request, response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        request.view_failed = True  # type: ignore[attr-defined]

    @staticmethod
    def _private(request: HttpRequest, response: HttpResponse) -> Any:
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
