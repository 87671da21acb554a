"""The department's answer by mail: the number with the way to the settings file, or the reason of a refusal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import MailNotNeeded, mail_kind
from accounts.tenancy import tenant_scope
from readings.desk.contacts import contacts_of
from readings.models import NumberApplication


def _words(message: OutboxMessage) -> dict[str, Any]:
    """Read when the mail is sent, in the reader's language."""
    if message.programme_id is None:
        raise MailNotNeeded("the programme is gone")
    with tenant_scope(message.programme_id):
        rows = NumberApplication.objects.select_related("contract", "point", "programme")
        found = rows.filter(public_id=message.context["application"]).first()
        if found is None:
            raise MailNotNeeded("the application is gone")
        path = reverse("application_detail", args=[found.programme.slug, found.public_id])
        return {
            "assigned": found.state == NumberApplication.State.ASSIGNED, "name": found.name,
            "address": found.address, "contract": found.contract.number, "reason": found.reason,
            "number": (found.point.number or "") if found.point else "",
            "programme": found.programme.name, "contacts": contacts_of(),
            "url": f"{settings.SITE_URL}{path}",
        }  # fmt: skip


def _subject(context: dict[str, Any]) -> str:
    if context["assigned"]:
        return _("Your metering point has the number %(number)s") % context
    return _("No number was assigned: %(name)s") % context


mail_kind("number_decided", subject=_subject, secrets=_words)
