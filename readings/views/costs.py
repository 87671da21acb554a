"""How the euros of a consumption page are worked out: for the people who live there, and for their operator."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.tables import KINDS, table_response
from readings.consumption.page import ConsumptionPage
from readings.costs.page import CostPage
from readings.views.consumption import own_page, staff_page
from servers.crumbs import zone_crumbs


@require_GET
@requires(Permission.SEE_OWN_HOME)
def home_cost(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """Nothing to see where the person has no right to money."""
    request.nav_name = "occupant_home"
    page, _homes = own_page(request)
    if page is None or not page.euros:
        raise Http404
    return _respond(request, page, own=True)


@require_GET
@requires(Permission.SEE_CONSUMPTION)
def dwelling_cost(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    request.nav_name = "overview"
    return _respond(request, staff_page(request, public_id), own=False)


def _respond(request: ProgrammeRequest, shown: ConsumptionPage, *, own: bool) -> HttpResponse:
    page = CostPage(request.actor, shown, own)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, rows = page.table()
        name = f"{shown.dwelling.name} {shown.period.key} {_('Amounts')}"
        return table_response(rows, name=name, header=header, kind=kind)
    context = page.context()
    above = [] if own else [(_("Consumption"), context["page_url"])]
    trail = zone_crumbs(request.actor, shown.dwelling, *above, (_("How is this amount worked out?"), ""))
    return render(request, "readings/cost.html", {**context, "crumbs": trail})
