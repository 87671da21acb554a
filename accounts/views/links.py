"""The page behind the links of our mails. Looking at it changes nothing; only the button does."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.access import public
from accounts.answers import form_page
from accounts.errors import DomainError
from accounts.forms.people import LinkForm
from accounts.landing import landing_url
from accounts.models import Role
from accounts.services.links import Link, link_accept, link_open
from accounts.views.common import link_refused, no_referrer


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables("token", "link")
@public
def activate(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = link_open(secret=token)
        form = LinkForm(
            request.POST if request.method == "POST" else None,
            user=link.person,
            needs_password=link.needs_password,
            needs_legal_notice=link.needs_legal_notice,
        )
        if request.method == "POST" and form.is_valid():
            link = link_accept(secret=token, password=form.cleaned_data.get("password", ""))
            return no_referrer(_go_on(request, link, chosen="password" in form.fields))
    except DomainError as error:
        return link_refused(request, error)
    context = {
        "link": link,
        "form": form,
        "role_label": Role(link.role).label,
        "legal_notice": settings.LEGAL_NOTICE,
    }
    return no_referrer(form_page(request, "accounts/activate.html", context))


def _go_on(request: HttpRequest, link: Link, *, chosen: bool) -> HttpResponse:
    """In, if the password was chosen just now; a link alone never stands for a password that exists."""
    url = landing_url(link.programme, link.role)
    if chosen:
        get_adapter().login(request, link.person)
    elif request.user.pk != link.person.pk:
        get_adapter().logout(request)
        messages.success(request, _("Done. Now sign in with your e-mail address and your password."))
        return redirect(f"{reverse('home')}?{urlencode({'next': url})}")
    return redirect(url)
