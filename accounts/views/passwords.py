"""Forgotten and changed passwords."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, public, requires, signed_in
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.forms.people import ChangePasswordForm, ForgottenForm, NewPasswordForm, refuse
from accounts.models import User
from accounts.services.attempts import attempts_take
from accounts.services.passwords import password_change, password_reset, password_reset_request, reset_open
from accounts.views.common import (
    ASKS_BY_ADDRESS,
    ASKS_BY_EMAIL,
    client_address,
    link_refused,
    mail_sent,
    no_referrer,
)

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@public
def forgotten(request: HttpRequest) -> HttpResponse:
    form = ForgottenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        try:
            attempts_take(limit=ASKS_BY_ADDRESS, who=client_address(request))
            attempts_take(limit=ASKS_BY_EMAIL, who=email)
            password_reset_request(email=email)
            return mail_sent(request, email, 1)
        except DomainError as error:
            refuse(form, error)
    return form_page(request, "accounts/password_forgotten.html", {"form": form})


@require_http_methods(FORM_METHODS)
@sensitive_post_parameters()
@sensitive_variables("token")
@public
def reset(request: HttpRequest, token: str) -> HttpResponse:
    try:
        person = reset_open(secret=token).user
        form = NewPasswordForm(posted(request), user=person)
        if request.method == "POST" and form.is_valid():
            password_reset(secret=token, password=form.cleaned_data["password"])
            messages.success(request, _("Your new password is set. Sign in with it."))
            return no_referrer(redirect("home"))
    except DomainError as error:
        return link_refused(request, error)
    return no_referrer(form_page(request, "accounts/password_reset.html", {"form": form, "person": person}))


def _change(request: Any, template: str) -> HttpResponse:
    user = cast(User, request.user)
    form = ChangePasswordForm(posted(request), user=user)
    if request.method == "POST" and form.is_valid():
        try:
            password_change(
                user=user, current=form.cleaned_data["current"], password=form.cleaned_data["password"]
            )
        except DomainError as error:
            refuse(form, error)
        else:
            update_session_auth_hash(request, user)  # this browser stays in, the others are out
            messages.success(request, _("Your password was changed. Other browsers were signed out."))
            return redirect(request.path)
    return form_page(request, template, {"form": form, "tab": "password"})


@require_http_methods(FORM_METHODS)
@sensitive_post_parameters()
@requires(Permission.MANAGE_PROGRAMME_ACCOUNT)
def account_password(request: ProgrammeRequest, slug: str) -> HttpResponse:
    return _change(request, "accounts/account_form.html")


@require_http_methods(FORM_METHODS)
@sensitive_post_parameters()
@signed_in
def own_password(request: HttpRequest) -> HttpResponse:
    return _change(request, "accounts/account_form.html")
