"""The reminder that readings are due."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import MailNotNeeded, mail_kind
from accounts.templatetags.releve import local_day, local_month
from accounts.tenancy import tenant_scope
from readings.desk.contacts import contacts_of


def _words(message: OutboxMessage) -> dict[str, Any]:
    if message.programme_id is None:
        raise MailNotNeeded("the programme is gone")
    context = message.context
    with tenant_scope(message.programme_id):
        contacts = contacts_of()
    return {
        "month": local_month(date.fromisoformat(context["period"])),
        "due_day": local_day(date.fromisoformat(context["due"])), "contacts": contacts,
        "url": f"{settings.SITE_URL}{reverse('upload_list', args=[context['slug']])}",
    }  # fmt: skip


def _subject(context: dict[str, Any]) -> str:
    return _("Please send your readings for %(month)s") % context


mail_kind("readings_due", subject=_subject, secrets=_words)
