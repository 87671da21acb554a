"""The page that asks again who it is."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.errors import DomainError
from accounts.factors.confirm import confirm_page, confirmed_now
from accounts.factors.forms import ConfirmForm
from accounts.factors.passkeys import passkey_verified
from accounts.landing import safe_path
from accounts.models import User
from accounts.services.passwords import password_confirm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("confirm-password", "confirm-credential")
@signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    following = safe_path(request, given.get("confirm-next") or given.get("next") or "")
    again = request.POST.get("confirm-again") == "1"
    if request.method != "POST":
        return confirm_page(request, following=following, again=False)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        try:
            _shown(request, form)
        except DomainError as error:
            form.add_error("password", str(error))
        else:
            confirmed_now(request)
            # 307: the browser sends the same form once more, to the page that asked for it
            return redirect(following or "own_security", preserve_request=again and bool(following))
    return confirm_page(request, following=following, again=again, form=form)


def _shown(request: HttpRequest, form: ConfirmForm) -> None:
    """Raise unless the password or a passkey proves who sits there."""
    user = cast(User, request.user)
    if form.cleaned_data["credential"]:
        passkey_verified(form.cleaned_data["credential"], user)
    else:
        password_confirm(user=user, password=form.cleaned_data["password"])
