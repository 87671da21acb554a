"""The operator's overview of consumption: the programme, and one building."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.replica import reports_from_replica
from accounts.tables import KINDS, table_response
from readings.overview.page import Asked, Overview
from readings.overview.table import overview_table
from servers.crumbs import zone_crumbs
from servers.doors import access_building
from servers.models import Building


@require_GET
@requires(Permission.SEE_CONSUMPTION)
def overview(request: ProgrammeRequest, slug: str) -> HttpResponse:
    return _respond(request, None)


@require_GET
@requires(Permission.SEE_CONSUMPTION)
def building_overview(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    request.nav_name = "overview"
    return _respond(request, access_building(request.actor, public_id))


def _respond(request: ProgrammeRequest, building: Building | None) -> HttpResponse:
    with reports_from_replica():
        return _report(request, building)


def _report(request: ProgrammeRequest, building: Building | None) -> HttpResponse:
    today = timezone.now().astimezone(request.programme.zone).date()
    page = Overview(request.actor, Asked.of(request.GET), today, building)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, rows = overview_table(page)
        place = building.name if building else request.programme.name
        return table_response(rows, name=f"{place} {page.period.key}", header=header, kind=kind)
    context = page.context()
    if building is not None:
        context["crumbs"] = zone_crumbs(request.actor, building, (_("Consumption"), ""))
        context["whole_url"] = f"{reverse('overview', args=[request.programme.slug])}?at={page.period.key}"
    return render(request, "readings/overview.html", context)
