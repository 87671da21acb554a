"""Between the password and the door, and the door that a passkey opens by itself."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.base.internal.flows import post_authentication
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import public
from accounts.answers import form_page
from accounts.errors import DomainError
from accounts.factors.forms import CodeForm
from accounts.factors.passkeys import passkey_verified, passkeys_possible, sign_in_options
from accounts.factors.services import code_use, passkeys_of
from accounts.factors.stage import SecondStep
from accounts.forms.people import refuse
from accounts.landing import safe_next
from accounts.models import User
from accounts.services.attempts import Limit, attempts_take
from accounts.views.common import client_address

PASSKEY_TRIES = Limit("passkey", 30, 5 * 60)  # a passkey cannot be guessed; this spares the table of sessions


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("code", "credential")
@public
def second_step(request: HttpRequest) -> HttpResponse:
    stage: Any = (
        None if request.user.is_authenticated else LoginStageController.enter(request, SecondStep.key)
    )
    if stage is None or not stage.login.user.is_active:
        clear_login(request)
        return redirect("home")
    user = cast(User, stage.login.user)
    form = CodeForm(request.POST if "code" in request.POST else None)
    try:
        if request.POST.get("credential"):
            return _through(request, stage, passkey_verified(request.POST["credential"], user)[1])
        if request.method == "POST" and form.is_valid():
            return _through(request, stage, code_use(user=user, code=form.cleaned_data["code"]))
    except DomainError as error:
        form = form if form.is_bound else CodeForm({"code": ""})
        form.is_valid()
        refuse(form, error)
    options = sign_in_options(user) if passkeys_possible() and passkeys_of(user) else None
    return form_page(request, "accounts/second_step.html", {"form": form, "options": options})


def _through(request: HttpRequest, stage: Any, factor: Any) -> HttpResponse:
    post_authentication(request, factor)
    return cast(HttpResponse, stage.exit())


@require_GET
@never_cache
@public
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask its passkeys; for whoever holds one."""
    try:
        attempts_take(limit=PASSKEY_TRIES, who=client_address(request))
    except DomainError as error:
        return JsonResponse({"code": error.code, "message": str(error)}, status=429)
    return JsonResponse(sign_in_options())


@require_POST
@sensitive_post_parameters("credential")
@public
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """A passkey is two factors in one: the device, and the finger or number that unlocks it."""
    from django.contrib import messages

    following = safe_next(request) or reverse("choose_programme")
    try:
        user, factor = passkey_verified(request.POST.get("credential", ""))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("home")
    post_authentication(request, factor, passwordless=True)
    return cast(HttpResponse, perform_login(request, Login(user=user, redirect_url=following)))
