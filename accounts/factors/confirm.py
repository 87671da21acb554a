"""Asking again who it is, before something that a stolen session must not do.

    @requires(Permission.MANAGE_SERVERS)
    @recently_authenticated
    def server_password(request, …): ...

Whoever signed in or confirmed within `CONFIRM_AFTER_SECONDS` passes. Else a GET leads to the page of confirmation
and back; a POST is answered by that page with the form's own fields in it, and after the confirmation the browser
sends them again (307): nothing that was typed is lost, and nothing of it waits on the server.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.answers import form_page
from accounts.factors.forms import ConfirmForm
from accounts.factors.passkeys import passkeys_possible, sign_in_options
from accounts.factors.services import passkeys_of
from accounts.models import User

View = TypeVar("View", bound=Callable[..., Any])
CONFIRMED_AT = "confirmed_at"
OURS = "confirm-"  # the names of the confirmation's own fields begin so


def confirmed_now(request: HttpRequest) -> None:
    request.session[CONFIRMED_AT] = time.time()


def is_confirmed(request: HttpRequest) -> bool:
    limit = settings.CONFIRM_AFTER_SECONDS
    return not limit or time.time() - request.session.get(CONFIRMED_AT, 0) < limit


def recently_authenticated(view: View) -> View:
    """Stands inside (below) `@requires` or `@signed_in`. Not for forms with files or passwords."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_confirmed(request):
            return view(request, *args, **kwargs)
        if request.method != "POST":
            return redirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")
        return confirm_page(request, following=request.get_full_path(), again=True)

    guarded.confirmed = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def confirm_page(
    request: HttpRequest, *, following: str, again: bool, form: ConfirmForm | None = None
) -> HttpResponse:
    has_passkey = passkeys_possible() and bool(passkeys_of(cast(User, request.user)))
    context = {
        "form": form or ConfirmForm(),
        "following": following,
        "again": again,
        "carried": carried_fields(request) if again else [],
        "options": sign_in_options(cast(User, request.user)) if has_passkey else None,
        "heading": _("Please confirm that it is you"),
    }
    return form_page(request, "accounts/confirm.html", context)


def carried_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """The form's own fields, to be sent again: all but ours and the token of the page."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if not name.startswith(OURS) and name != "csrfmiddlewaretoken"
        for value in values
        if isinstance(value, str)
    ]
