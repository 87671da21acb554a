"""Visitors: register a programme, join a utility."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ProgrammeRequest, public
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.forms.people import JoinForm, RegistrationForm, refuse
from accounts.services.attempts import attempts_take
from accounts.services.consumers import consumer_join
from accounts.services.programmes import programme_register
from accounts.views.common import ASKS_BY_ADDRESS, ASKS_BY_EMAIL, client_address, mail_sent

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@public
def register(request: HttpRequest) -> HttpResponse:
    form = RegistrationForm(posted(request))
    if request.method == "POST":
        try:
            attempts_take(limit=ASKS_BY_ADDRESS, who=client_address(request))
            if form.is_valid():
                email = form.cleaned_data["email"]
                attempts_take(limit=ASKS_BY_EMAIL, who=email)
                programme_register(
                    name=form.cleaned_data["name"], email=email, language=get_language() or "fr"
                )
                return mail_sent(request, email, settings.ACTIVATION_DAYS)
        except DomainError as error:
            refuse(form, error)
    return form_page(request, "accounts/register.html", {"form": form})


@require_safe
@public
def sent(request: HttpRequest) -> HttpResponse:
    """Where the mail went; without one (the page was bookmarked) the way home."""
    told = request.session.get("mail_sent")
    return render(request, "accounts/mail_sent.html", told) if told else redirect("home")


@require_http_methods(FORM_METHODS)
@public
def join_utility(request: ProgrammeRequest, slug: str) -> HttpResponse:
    if not request.programme.is_utility:
        raise Http404
    form = JoinForm(posted(request))
    if request.method == "POST":
        try:
            attempts_take(limit=ASKS_BY_ADDRESS, who=client_address(request))
            if form.is_valid():
                email = form.cleaned_data["email"]
                attempts_take(limit=ASKS_BY_EMAIL, who=email)
                consumer_join(programme=request.programme, email=email, language=get_language() or "ru")
                return mail_sent(request, email, settings.ACTIVATION_DAYS)
        except DomainError as error:
            refuse(form, error)
    return form_page(request, "accounts/join.html", {"form": form, "programme": request.programme})
