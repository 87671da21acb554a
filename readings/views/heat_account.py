"""The heat account of a metering point: page, PDF, CSV and XLSX."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import ProgrammeRequest, requires
from accounts.tables import KINDS, table_response
from readings.archives.selectors import now_epoch
from readings.crumbs import crumbs
from readings.ingest.wallclock import WallClock, point_zone
from readings.statements.account_pdf import account_pdf
from readings.statements.account_sheet import HeatAccount, head_facts, heat_account_of
from readings.statements.cells import month_of_text
from readings.statements.money import month_after, month_before, month_of
from readings.views.contracts import SEE
from servers.doors import access_point


@require_GET
@requires(*SEE)
def heat_account(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    present = month_of(WallClock(point_zone(point)).day_of(now_epoch()))
    month = min(month_of_text(request.GET.get("month", "")) or month_before(present), present)
    account = heat_account_of(point, month, "hour" if request.GET.get("kind") == "hour" else "day")
    kind, name = request.GET.get("export", ""), f"{point.number or 'point'}-{month:%Y-%m}-{account.kind}"
    if kind in KINDS:
        return table_response(account.numbers(), name=name, header=account.heads(), kind=kind)
    if kind == "pdf":
        response = HttpResponse(account_pdf(account, get_language() or "ru"), content_type="application/pdf")
        response["Content-Disposition"] = content_disposition_header(True, f"{name}.pdf") or "attachment"
        return response
    return render(request, "readings/heat_account.html", _context(request, slug, account, present))


def _context(request: ProgrammeRequest, slug: str, account: HeatAccount, present: Any) -> dict[str, Any]:
    point, month = account.point, account.month
    url = reverse("point_detail", args=[slug, point.public_id])
    later, shown = month_after(month), f"&kind={account.kind}"
    after = f"?month={later:%Y-%m}{shown}" if later <= present else ""
    return {
        "account": account, "point": point, "facts": head_facts(account), "heads": account.short_heads(),
        "rows": [{"label": row.label, "cells": account.cells(row.values), "remarks": row.remarks} for row in account.rows],
        "foot": account.cells(account.foot()), "durations": account.duration_facts(),
        "query": f"month={month:%Y-%m}&kind={account.kind}",
        "kinds": [
            {"label": label, "url": f"?month={month:%Y-%m}&kind={kind}", "current": kind == account.kind}
            for kind, label in (("day", _("By days")), ("hour", _("By hours")))
        ],
        "months": [
            {"label": "←", "name": _("Previous month"), "url": f"?month={month_before(month):%Y-%m}{shown}"},
            {"label": f"{month:%m.%Y}", "current": True},
            {"label": "→", "name": _("Next month"), "url": after},
        ],
        "crumbs": crumbs(request, (point.number or point.name, url), (_("Heat account"), "")),
    }  # fmt: skip
