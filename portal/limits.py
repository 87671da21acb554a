"""A body that says it is too large is refused before a byte of it is read; the proxy does so too, earlier.

What a form takes is checked by the form; this is the bound above all forms, so that a gigabyte fills no disk.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

AROUND_THE_FILE = 1024 * 1024  # the form's other fields


class BodyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:  # Django takes it for nothing, too
            length = 0
        if length > settings.UPLOAD_BODY_MAX_BYTES + AROUND_THE_FILE:
            return HttpResponse(get_template("413.html").render(), status=413)
        return self.get_response(request)
