"""How to report a weakness: a page for people, and /.well-known/security.txt for tools (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import public

TOLD_AGAIN_AFTER = timedelta(days=180)  # the RFC asks for less than a year


@require_GET
@public
def security(request: HttpRequest) -> HttpResponse:
    contact = settings.SECURITY_CONTACT
    shown = contact.removeprefix("mailto:")
    return render(request, "portal/security.html", {"contact": contact, "contact_shown": shown})


@require_GET
@public
def security_txt(request: HttpRequest) -> HttpResponse:
    page = f"{settings.SITE_URL}{reverse('security')}"
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        *([f"Contact: {settings.SECURITY_CONTACT}"] if settings.SECURITY_CONTACT else []),
        f"Contact: {page}",
        f"Expires: {(midnight + TOLD_AGAIN_AFTER).isoformat()}",
        "Preferred-Languages: fr, ru, en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
        f"Policy: {page}",
    )
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
