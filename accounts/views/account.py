"""The account of a programme, and the account of a person."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires, signed_in
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.factors.confirm import recently_authenticated
from accounts.forms.people import CurrentEmailForm, PersonForm, ProgrammeAccountForm, refuse
from accounts.models import Programme, User
from accounts.services import addresses
from accounts.services.attempts import attempts_take
from accounts.services.programmes import ADDRESS_FIELDS, programme_address_change
from accounts.views.common import ASKS_BY_EMAIL, link_refused, no_referrer

FORM_METHODS = ["GET", "HEAD", "POST"]
TEMPLATE = "accounts/account_form.html"


@require_http_methods(FORM_METHODS)
@requires(Permission.MANAGE_PROGRAMME_ACCOUNT)
def programme_account(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = ProgrammeAccountForm(
        posted(request),
        # a copy: the form writes into it while it checks, and the page's head shows the programme as it is
        instance=Programme.objects.get(pk=request.programme.pk),
        initial={"email": request.user.email},
    )
    if request.method == "POST" and form.is_valid():
        lines = {name: form.cleaned_data[name] for name in ADDRESS_FIELDS}
        programme_address_change(actor=request.actor, lines=lines)
        messages.success(request, _("Saved."))
        return redirect(request.path)
    return form_page(request, TEMPLATE, {"form": form, "tab": "account"})


@require_http_methods(FORM_METHODS)
@requires(Permission.MANAGE_PROGRAMME_ACCOUNT)
@recently_authenticated
def account_email(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = CurrentEmailForm(posted(request), initial={"current_email": request.user.email})
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            attempts_take(limit=ASKS_BY_EMAIL, who=email)
            addresses.handover_request(actor=request.actor, email=email)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(
                request,
                _("A mail is on its way to %(email)s. Nothing changes until its link is followed.")
                % {"email": email},
            )
            return redirect(request.path)
    return form_page(request, TEMPLATE, {"form": form, "tab": "email"})


@require_http_methods(FORM_METHODS)
@signed_in
def own_account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = PersonForm(posted(request), instance=User.objects.get(pk=user.pk), initial={"email": user.email})
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(request.path)
    return form_page(request, TEMPLATE, {"form": form, "tab": "account"})


@require_http_methods(FORM_METHODS)
@signed_in
@recently_authenticated
def own_email(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = CurrentEmailForm(posted(request), initial={"current_email": user.email})
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            attempts_take(limit=ASKS_BY_EMAIL, who=email)
            addresses.address_change_request(user=user, email=email)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(
                request,
                _("A mail is on its way to %(email)s. Nothing changes until its link is followed.")
                % {"email": email},
            )
            return redirect(request.path)
    return form_page(request, TEMPLATE, {"form": form, "tab": "email"})


@require_http_methods(FORM_METHODS)
@sensitive_variables("token")
@signed_in
def address_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail to one's new address: only its owner, signed in, can use it."""
    user = cast(User, request.user)
    try:
        link = addresses.address_link_open(secret=token, user=user)
        if request.method == "POST":
            user = addresses.address_change_confirm(secret=token, user=user)
            update_session_auth_hash(request, user)
            messages.success(request, _("Your e-mail address is now %(email)s.") % {"email": user.email})
            return no_referrer(redirect("own_account"))
    except DomainError as error:
        return link_refused(request, error)
    return no_referrer(render(request, "accounts/address_confirm.html", {"link": link, "person": user}))
