"""Light, dark, or as the device says: a choice of this browser, for a person has one phone by day and one desk by night."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import public
from accounts.landing import safe_path

COOKIE = "appearance"
A_YEAR = 365 * 24 * 3600
CHOICES = ("light", "dark")  # any other word: as the device says


def appearance_of(request: HttpRequest) -> dict[str, Any]:
    """For the templates: `chosen` ("light", "dark" or "") and the `choices` as pairs of value and label."""
    given = request.COOKIES.get(COOKIE, "")
    labels = (("", _("Automatic")), ("light", _("Light")), ("dark", _("Dark")))
    return {"chosen": given if given in CHOICES else "", "choices": labels}


@require_POST
@public
def set_appearance(request: HttpRequest) -> HttpResponse:
    """Keep the choice on this browser, and show the page again."""
    back = request.POST.get("next", "")
    response = redirect(safe_path(request, back) or "/")
    chosen = request.POST.get("appearance", "")
    if chosen in CHOICES:
        response.set_cookie(
            COOKIE, chosen, A_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
