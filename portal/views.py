"""Pages that belong to no app: legal notice, language, and the demo's mailbox."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

from csp.constants import NONE, SELF
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language as django_set_language

from accounts.access import public
from accounts.outbox import zones_of
from portal.style_page import style_context

DEMO_ZONE = "Europe/Paris"
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],  # mail programs know no style sheets
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@require_GET
@public
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/legal.html", {"notice": settings.LEGAL_NOTICE})


@require_GET
@public
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@require_POST
@public
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in the person's profile, or on this browser for a visitor."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        request.user.language = language
        request.user.save(update_fields=["language"])
    return django_set_language(request)


def _mail_files() -> list[Path]:
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.VAR_DIR / "mails")
    return sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _sent_at(message: EmailMessage) -> datetime | None:
    """Django writes the time of sending in UTC as "-0000", which Python reads as a time without a zone."""
    sent = message["Date"].datetime if message["Date"] else None
    return sent.replace(tzinfo=UTC) if sent and sent.tzinfo is None else sent


def _mails() -> Iterator[dict[str, object]]:
    """Newest first. Django ends each message with a line of dashes; mails of one second may share a file."""
    for path in _mail_files():
        texts = [text for text in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n") if text.strip()]
        for number, text in reversed(list(enumerate(texts))):
            yield _read_mail(f"{path.stem}-{number}" if number else path.stem, text)


def _read_mail(name: str, text: bytes) -> dict[str, object]:
    message = email.message_from_bytes(text, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain",))
    page = message.get_body(preferencelist=("html",))
    return {
        "name": name,
        "subject": str(message["Subject"]),
        "to": str(message["To"]),
        "date": _sent_at(message),
        "text": body.get_content() if body else "",
        "html": page.get_content() if page else "",
    }


@require_GET
@public
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mails that the demo sent, newest first. The address exists only with the demo's settings."""
    mails = list(islice(_mails(), 200))
    zones = zones_of({str(one["to"]) for one in mails})
    for one in mails:
        one["zone"] = zones.get(str(one["to"]), DEMO_ZONE)
    return render(request, "portal/mailbox.html", {"mails": mails})


@require_GET
@public
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
def mail(request: HttpRequest, name: str) -> HttpResponse:
    found = _mail_named(name)
    found["zone"] = zones_of({str(found["to"])}).get(str(found["to"]), DEMO_ZONE)
    return render(request, "portal/mail.html", {"mail": found})


def _mail_named(name: str) -> dict[str, object]:
    for found in _mails():
        if found["name"] == name:
            return found
    raise Http404


@require_GET
@public
@xframe_options_sameorigin
@csp_replace(MAIL_POLICY)  # type: ignore[arg-type]
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail as a mail program shows it, in a sandbox: no script, nothing from elsewhere; links open a new tab."""
    html = str(_mail_named(name)["html"])
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


@require_GET
@public
def style(request: HttpRequest) -> HttpResponse:
    """The living style page: every component on one page."""
    return render(request, "portal/style.html", style_context())
