"""The mail that brings a bill: its figures in the text, the bill itself as PDF."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import MailNotNeeded, mail_kind
from accounts.templatetags.releve import local_month, money
from accounts.tenancy import tenant_scope
from readings.models import Bill
from readings.statements.bills import bill_number, bill_pdf


def _words(message: OutboxMessage) -> dict[str, Any]:
    if message.programme_id is None:
        raise MailNotNeeded("the programme is gone")
    with tenant_scope(message.programme_id):
        rows = Bill.objects.select_related("contract", "programme")
        bill = rows.filter(public_id=message.context["bill"]).first()
        if bill is None:
            raise MailNotNeeded("the bill is gone")
        due = sum(line["to_pay"] for line in bill.figures["lines"])
        path = reverse("bill_download", args=[bill.programme.slug, bill.public_id])
        return {
            "paper": bill_pdf(bill, get_language() or "ru"), "file": f"bill-{bill_number(bill)}.pdf",
            "holder": bill.contract.holder, "due": money(due, bill.programme.currency),
            "month_name": local_month(bill.month), "url": f"{settings.SITE_URL}{path}",
        }  # fmt: skip


def _subject(context: dict[str, Any]) -> str:
    month = context["month"]
    name = local_month(date.fromisoformat(month)) if month != "…" else month
    return _("Bill of the contract %(number)s, %(month)s") % {"number": context["number"], "month": name}


mail_kind(
    "bill", subject=_subject, secrets=_words, papers=lambda context: {context["file"]: context["paper"]}
)
