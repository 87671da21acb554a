"""Mails about imports."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import mail_kind
from readings.refusals import refusal_text


def _import_subject(context: dict[str, Any]) -> str:
    if context["state"] == "refused":
        return _("Your file was refused: %(file)s") % context
    if context["state"] == "checked":
        return _("Your file waits for your word: %(file)s") % context
    return _("Your readings were accepted, receipt %(receipt)s") % context


def _import_words(message: OutboxMessage) -> dict[str, Any]:
    """The sentence and the address, made when the mail is sent: then the reader's language is set."""
    context = message.context
    path = reverse("import_detail", args=[context["slug"], context["job"]])
    reason = refusal_text(context["refusal"], context["refusal_data"]) if context["refusal"] else ""
    return {"reason": reason, "url": f"{settings.SITE_URL}{path}"}


mail_kind("import_finished", subject=_import_subject, secrets=_import_words)
