"""Every error of the gateway API is {"code","message"}: a stable word for machines, one sentence for people."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from accounts.errors import DomainError

log = logging.getLogger(__name__)
# What a DomainError's code means in HTTP; a service may also say it with `status=` in the error's data.
STATUS = {
    "malformed": 400,
    "token_in_query": 400,
    "unauthorized": 401,
    "wrong_password": 401,
    "suspended": 403,
    "not_found": 404,
    "revision_reused": 409,
    "revision_stale": 409,
    "too_large": 413,
    "content_type": 415,
    "too_many_attempts": 429,
    "busy": 503,
}


def error(status: int, code: str, message: Any, *, retry_after: int | None = None) -> HttpResponse:
    response = JsonResponse({"code": code, "message": str(message)}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def from_domain(exc: Any) -> HttpResponse:
    status = exc.data.get("status") or STATUS.get(exc.code, 400)
    retry_after = exc.data.get("retry_after") or (60 if status in (429, 503) else None)
    return error(status, exc.code, exc.message, retry_after=retry_after)


def not_found() -> HttpResponse:
    return error(404, "not_found", _("There is nothing here."))


def too_large() -> DomainError:
    return DomainError("too_large", _("The request is too large: send smaller pieces, or zip them."))


# The words of pydantic's error types that a gateway can act on; its own texts stay inside.
_REASONS = {
    "missing": lambda: _("is missing"),
    "string_type": lambda: _("must be text"),
    "string_too_long": lambda: _("is too long"),
    "string_too_short": lambda: _("is too short"),
    "int_type": lambda: _("must be a whole number"),
    "bool_type": lambda: _("must be true or false"),
    "list_type": lambda: _("must be a list"),
    "too_long": lambda: _("has too many entries"),
    "too_short": lambda: _("has too few entries"),
    "dict_type": lambda: _("must be an object"),
    "model_type": lambda: _("must be an object"),
    "model_attributes_type": lambda: _("must be an object"),
    "timezone_aware": lambda: _("must be a moment with its offset"),
    "datetime_parsing": lambda: _("must be a moment with its offset"),
    "datetime_from_date_parsing": lambda: _("must be a moment with its offset"),
    "string_pattern_mismatch": lambda: _("has characters that do not belong there"),
    "literal_error": lambda: _("is not one of the known words"),
    "greater_than_equal": lambda: _("is too small"),
    "less_than": lambda: _("is too large"),
    "less_than_equal": lambda: _("is too large"),
    "number_type": lambda: _("must be a number"),
}


def path_of(location: Any) -> str:
    """("meters", 3, "unit") → meters[3].unit"""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def malformed(exc: Any) -> HttpResponse:
    """The first fault by its path; ninja's location starts with ("body", parameter)."""
    first = exc.errors[0]
    location = tuple(first.get("loc", ()))
    if location[:1] in (("path",), ("query",)):
        return not_found()
    path = path_of(location[2:]) or _("the body")
    reason = _REASONS.get(str(first.get("type")), lambda: _("is not valid"))()
    return error(400, "malformed", _("%(path)s %(reason)s.") % {"path": path, "reason": reason})


def _http_error(request: HttpRequest, exc: Any) -> HttpResponse:
    if isinstance(exc.__cause__, DomainError):  # ninja wraps what the body's reader raised
        return from_domain(exc.__cause__)
    if isinstance(exc, AuthenticationError):
        return error(401, "unauthorized", _("This token is not known: activate the server with a password."))
    if exc.status_code == 400:
        return error(400, "malformed", _("The body is not valid JSON."))
    return error(exc.status_code, "refused", _("The request is refused."))


def _unexpected(request: HttpRequest, exc: Any) -> HttpResponse:
    log.error("gateway API: %s %s failed", request.method, request.path, exc_info=exc)
    return error(500, "server_error", _("Something went wrong here; try again later."))


def install_handlers(api: NinjaAPI) -> None:
    api.add_exception_handler(Exception, _unexpected)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(ValidationError, lambda request, exc: malformed(exc))
    api.add_exception_handler(DomainError, lambda request, exc: from_domain(exc))
    api.add_exception_handler(Http404, lambda request, exc: not_found())
    api.add_exception_handler(RequestDataTooBig, lambda request, exc: from_domain(too_large()))
    api.add_exception_handler(
        PermissionDenied, lambda request, exc: error(403, "forbidden", _("This is not allowed."))
    )
    api.add_exception_handler(
        UnreadablePostError, lambda request, exc: error(400, "malformed", _("The body was cut off."))
    )
    # a lock that was not given in time, a database that is away: the gateway keeps its readings and comes again
    for passing in (OperationalError, InterfaceError):
        api.add_exception_handler(
            passing,
            lambda request, exc: error(
                503, "busy", _("The portal is busy; try again shortly."), retry_after=5
            ),
        )
