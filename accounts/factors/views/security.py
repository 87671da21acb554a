"""One's own security: second factors, and the browsers that are signed in."""

from __future__ import annotations

import base64
from typing import Any, cast

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.factors import services
from accounts.factors.adapter import unseal
from accounts.factors.confirm import recently_authenticated
from accounts.factors.forms import AppForm, PasskeyForm
from accounts.factors.passkeys import passkeys_possible, registration_options, registration_verified
from accounts.factors.required import has_factor
from accounts.forms.people import refuse
from accounts.models import User
from accounts.sessions.services import browsers_of, session_end, sessions_end_others

FORM = ["GET", "HEAD", "POST"]
PENDING = "factor_pending"  # the sealed secret of an app that has not shown a code yet


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


@require_safe
@signed_in
def own_security(request: HttpRequest) -> HttpResponse:
    user = _me(request)
    context = {
        "app": services.app_of(user),
        "passkeys": services.passkeys_of(user),
        "recovery_left": services.recovery_left(user),
        "browsers": browsers_of(user, this_key=request.session.session_key),
        "passkeys_possible": passkeys_possible(),
        "required": "required" in request.GET and not has_factor(user),
    }
    return render(request, "accounts/security.html", context)


@require_http_methods(FORM)
@never_cache
@signed_in
@recently_authenticated
def app_add(request: HttpRequest) -> HttpResponse:
    form = AppForm(posted(request))
    sealed = request.session.get(PENDING)
    if sealed is None or request.method != "POST":
        sealed = request.session[PENDING] = services.app_secret_new()
    elif form.is_valid():
        try:
            codes = services.app_add(user=_me(request), sealed=sealed, code=form.cleaned_data["code"])
        except DomainError as error:
            refuse(form, error)
        else:
            del request.session[PENDING]
            return _done(request, codes, _("The authenticator app is set up."))
    return form_page(request, "accounts/app_add.html", {"form": form, **_scan(_me(request), unseal(sealed))})


def _scan(user: User, secret: str) -> dict[str, str]:
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"picture": base64.b64encode(picture.encode()).decode(), "secret": groups}


def _done(request: HttpRequest, codes: list[str], said: str) -> HttpResponse:
    messages.success(request, said)
    if not codes:
        return redirect("own_security")
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@require_http_methods(FORM)
@signed_in
@recently_authenticated
def app_remove(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        services.app_remove(user=_me(request))
        messages.success(request, _("The authenticator app is removed."))
        return redirect("own_security")
    context = {"what": "app", "last": _is_last(_me(request))}
    return render(request, "accounts/factor_remove.html", context)


def _is_last(user: User) -> bool:
    return len(services.passkeys_of(user)) + bool(services.app_of(user)) == 1


@require_http_methods(FORM)
@never_cache
@signed_in
@recently_authenticated
def passkey_add(request: HttpRequest) -> HttpResponse:
    if not passkeys_possible():
        raise Http404
    form = PasskeyForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            credential = registration_verified(form.cleaned_data["credential"])
            codes = services.passkey_add(
                user=_me(request), name=form.cleaned_data["name"], credential=credential
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _done(request, codes, _("The passkey is set up. You can sign in with it alone."))
    context = {"form": form, "options": registration_options(_me(request))}
    return form_page(request, "accounts/passkey_add.html", context)


@require_http_methods(FORM)
@signed_in
@recently_authenticated
def passkey_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    passkeys = services.passkeys_of(_me(request))
    passkey: Any = next((one for one in passkeys if one.data.get("public_id") == str(public_id)), None)
    if passkey is None:
        raise Http404
    if request.method == "POST":
        services.passkey_remove(user=_me(request), passkey=passkey)
        messages.success(request, _("The passkey is removed."))
        return redirect("own_security")
    context = {"what": "passkey", "name": passkey.data["name"], "last": _is_last(_me(request))}
    return render(request, "accounts/factor_remove.html", context)


@require_POST
@signed_in
@recently_authenticated
def recovery_renew(request: HttpRequest) -> HttpResponse:
    try:
        codes = services.recovery_renew(user=_me(request))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("own_security")
    return _done(request, codes, _("The recovery codes before these no longer work."))


@require_POST
@signed_in
def browser_end(request: HttpRequest, handle: str) -> HttpResponse:
    if session_end(user=_me(request), handle=handle):
        messages.success(request, _("That browser is signed out."))
    return redirect("own_security")


@require_POST
@signed_in
def browsers_end(request: HttpRequest) -> HttpResponse:
    sessions_end_others(user=_me(request), this_key=request.session.session_key)
    messages.success(request, _("All other browsers are signed out."))
    return redirect("own_security")
