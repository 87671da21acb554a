"""The mail that carries a sheet: the same table in text and HTML, and the chart as a picture inside."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import MailNotNeeded, mail_kind
from accounts.tenancy import tenant_scope
from readings.models import MonthlySheet

CHART = "chart"
PIXELS = 1008  # twice the width of the mail's column, for sharp screens


def _words(message: OutboxMessage) -> dict[str, Any]:
    """Read from the stored sheet when the mail is sent, in the reader's language."""
    from readings.sheets.page import SheetPage  # with what draws and prices a month, which few workers need

    if message.programme_id is None:
        raise MailNotNeeded("the programme is gone")
    with tenant_scope(message.programme_id):
        rows = MonthlySheet.objects.select_related("dwelling__building", "programme", "user")
        sheet = rows.filter(public_id=message.context["sheet"]).first()
        if sheet is None:
            raise MailNotNeeded("the sheet is gone")
        again = bool(message.context.get("again"))
        page = SheetPage(sheet, sheet.programme, sheet.told if again else None)
        path = reverse("sheet_detail", args=[sheet.programme.slug, sheet.public_id])
        context = page.context()
        return {
            **{key: value for key, value in context.items() if key not in ("sheet", "chart")},
            "corrected_since": sheet.created_at if again and sheet.corrected is not None else None,
            "zone": sheet.programme.time_zone,
            "drawing": page.drawing(), "chart_id": CHART, "url": f"{settings.SITE_URL}{path}",
        }  # fmt: skip


def _subject(context: dict[str, Any]) -> str:
    said = (
        _("%(title)s, corrected – %(dwelling)s")
        if context["corrected_since"]
        else _("%(title)s – %(dwelling)s")
    )
    return said % {"title": context["title"], "dwelling": context["dwelling"].name}


def _pictures(context: dict[str, Any]) -> dict[str, bytes]:
    from accounts.pdf import picture  # with all that makes PDFs, 30 MB

    return {CHART: picture(context["drawing"], pixels=PIXELS)}


mail_kind("sheet", subject=_subject, secrets=_words, pictures=_pictures)
