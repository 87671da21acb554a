"""The completeness page, and its table to take away."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.replica import reports_from_replica
from accounts.tables import table_response
from readings.completeness.page import CompletenessPage
from readings.review.page import tabs


@require_GET
@requires(Permission.SEE_SERVERS)
def completeness(request: ProgrammeRequest, slug: str) -> HttpResponse:
    with reports_from_replica():
        page = CompletenessPage(request.actor, request.GET)
        context = {**page.context(), "tabs": tabs(request.actor, "completeness")}
        return render(request, "readings/completeness.html", context)


@require_GET
@requires(Permission.SEE_SERVERS)
def completeness_export(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    with reports_from_replica():
        page = CompletenessPage(request.actor, request.GET)
        header, lines = page.table()
        rows = list(lines)  # a stream outlives the scope of its request: the rows are read before it begins
    kind = "xlsx" if request.GET.get("kind") == "xlsx" else "csv"
    return table_response(rows, name=f"{slug}-{page.first:%Y-%m}", header=header, kind=kind)
