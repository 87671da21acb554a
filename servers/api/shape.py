"""Errors that never reach the API's own code (a wrong host, a body that is too large) get its shape all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

PREFIX = "/api/v1"


def _words(status: int) -> tuple[str, Any]:
    known = {
        400: ("malformed", _("The request is not valid.")),
        403: ("forbidden", _("This is not allowed.")),
        404: ("not_found", _("There is nothing here.")),
        405: ("method_not_allowed", _("This address does not know that method.")),
        413: ("too_large", _("The request is too large: send smaller pieces, or zip them.")),
        503: ("busy", _("The portal is busy; try again shortly.")),
    }
    return known.get(status, ("server_error", _("Something went wrong here; try again later.")))


class ApiErrorsMiddleware:
    """Outermost but one: an error page under /api/v1 becomes {"code","message"}, its headers stay."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(PREFIX):
            return response
        if isinstance(response, HttpResponse) and "json" not in response.get("Content-Type", ""):
            code, message = _words(response.status_code)
            response.content = json.dumps({"code": code, "message": str(message)}).encode()
            response["Content-Type"] = "application/json"
            response["Content-Length"] = str(len(response.content))
        return response
