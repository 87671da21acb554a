"""What several account pages do alike."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import EmailToken
from accounts.services.attempts import Limit

# what a visitor may ask of us, by the network address they come from
ASKS_BY_ADDRESS = Limit("asks", 30, 15 * 60)
ASKS_BY_EMAIL = Limit("asks-mail", 5, 15 * 60)


def client_address(request: HttpRequest) -> str:
    """The visitor's network address; a forwarded one counts only behind our own proxies."""
    return str(get_adapter().get_client_ip(request))


def mail_sent(request: HttpRequest, email: str, days: int) -> HttpResponse:
    """To the page that says where the mail went: the same for each address."""
    request.session["mail_sent"] = {"email": email, "days": days}
    return redirect("mail_sent")


def no_referrer(response: HttpResponse) -> HttpResponse:
    """For pages with a secret in their address: it goes to no other site, no cache, no access log by Referer.

    `strict-origin` and not `no-referrer`: with the latter browsers send `Origin: null` with the form, and
    the CSRF check rightly refuses that.
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store, private"
    return response


_NEXT_STEP = {
    "link_used": lambda: _("If it was you, sign in. Otherwise ask for a new link."),
    "link_unknown": lambda: _("Check that the whole address was copied, or ask for a new link."),
    "link_expired": lambda: _("Ask the person who invited you for a new one."),
}


def link_refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """One sentence why the link does not work, and what to do next."""
    purpose = error.data.get("purpose", "")
    step = _NEXT_STEP[error.code]() if error.code in _NEXT_STEP else ""
    action = ("home", _("Sign in"))
    if purpose == EmailToken.Purpose.ACTIVATE_PROGRAMME:
        step = _("Please register the programme again; what was not activated in time is deleted.")
        action = ("register", _("Register a programme"))
    elif purpose == EmailToken.Purpose.RESET_PASSWORD:
        step = _("Ask for a new one.")
        action = ("password_forgotten", _("Forgotten password?"))
    elif purpose == EmailToken.Purpose.JOIN_UTILITY:
        step = _("Please join again on the page of your utility.")
    context = {"reason": str(error), "step": step, "action_url": action[0], "action_label": action[1]}
    return no_referrer(render(request, "accounts/link_refused.html", context, status=410))
