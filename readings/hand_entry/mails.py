"""The receipt of typed readings by mail: the same values as on its page, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import MailNotNeeded, mail_kind
from accounts.tenancy import tenant_scope
from readings.hand_entry.page import entry_row
from readings.models import HandEntry


def _words(message: OutboxMessage) -> dict[str, Any]:
    if message.programme_id is None:
        raise MailNotNeeded("the programme is gone")
    context = message.context
    with tenant_scope(message.programme_id):
        entry = HandEntry.objects.filter(public_id=context["entry"]).first()
        if entry is None:
            raise MailNotNeeded("the entry is gone")
        together = HandEntry.objects.select_related(
            "register__installation__meter", "register__installation__point__programme",
            "register__installation__point__building", "entered_by", "corrects",
        ).filter(token=entry.token, entered_by=entry.entered_by)  # fmt: skip
        rows = [entry_row(one) for one in together.order_by("pk")]
        values = [{"label": row["label"], "value": row["value"]} for row in rows]
        first = rows[0]
        facts = {"time": first["time"], "name": first["point"].name, "serial": first["meter"].serial}
    path = reverse("entry_detail", args=[context["slug"], context["entry"]])
    return {**facts, "values": values, "url": f"{settings.SITE_URL}{path}"}


def _subject(context: dict[str, Any]) -> str:
    return _("Your reading of metering point %(point)s was stored, receipt %(receipt)s") % context


mail_kind("entry_stored", subject=_subject, secrets=_words)
