"""The front door: sign in, sign out, choose where to go."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import public, signed_in
from accounts.answers import form_page, posted
from accounts.factors.passkeys import passkeys_possible
from accounts.forms import SignInForm
from accounts.landing import places_of, safe_next
from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
@public
def home(request: HttpRequest) -> HttpResponse:
    following = safe_next(request)
    if request.user.is_authenticated:
        return redirect(following or "choose_programme")
    form = SignInForm(posted(request), request=request)
    status = 200
    if request.method == "POST":
        if not ratelimit.consume(request, action="login"):
            form.add_error(None, _("Too many attempts to sign in. Please wait five minutes and try again."))
            status = 429
        elif form.is_valid():
            return _sign_in(request, form, following)
    context = {"form": form, "next": following, "passkeys": passkeys_possible()}
    return form_page(request, "accounts/home.html", context, status=status)


def _sign_in(request: HttpRequest, form: SignInForm, following: str) -> HttpResponse:
    try:
        response = form.login(request, redirect_url=following or reverse("choose_programme"))
    except ImmediateHttpResponse as stop:
        return cast(HttpResponse, stop.response)
    return cast(HttpResponse, response)


@require_POST
@public
def sign_out(request: HttpRequest) -> HttpResponse:
    get_adapter().logout(request)
    return redirect("home")


@require_safe
@signed_in
def choose_programme(request: HttpRequest) -> HttpResponse:
    places = places_of(cast(User, request.user))
    if len(places) == 1 and places[0].url != request.path:
        return redirect(places[0].url)
    return render(request, "accounts/choose_programme.html", {"places": places})
