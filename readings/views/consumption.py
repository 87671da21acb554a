"""Consumption pages: the occupant's own home, and a dwelling as its operator may see it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Actor, Permission, ProgrammeRequest, requires
from accounts.services.audit import look_record
from accounts.tables import KINDS, table_response
from readings.consumption.page import ConsumptionPage, page_for
from readings.consumption.selectors import Spans
from readings.consumption.table import day_table
from readings.hints.page import leak_hints
from servers.crumbs import zone_crumbs
from servers.doors import access_dwelling
from servers.first_steps import optional_url
from servers.models import Dwelling
from servers.rights.decide import rights_of

EVER: Spans = [(date(2000, 1, 1), None)]


def local_today(dwelling: Dwelling, actor: Actor) -> date:
    zone = dwelling.building.time_zone or actor.programme.time_zone
    return timezone.now().astimezone(ZoneInfo(zone)).date()


@require_GET
@requires(Permission.SEE_OWN_HOME)
def occupant_home(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """The occupant's dwelling; who has lived in several chooses one, the present one first."""
    page, dwellings = own_page(request)
    if page is None:
        return render(request, "readings/home_empty.html")
    return _render(request, page, dwellings)


def own_page(request: ProgrammeRequest) -> tuple[ConsumptionPage | None, list[Dwelling]]:
    """The reader's own dwelling over the asked period, and all of theirs; no page for who has none."""
    rights = rights_of(request.actor)
    days: dict[int, Spans] = {}
    homes: dict[int, Dwelling] = {}
    for stay in reversed(rights.stays):
        days[stay.dwelling_id] = [(stay.move_in, stay.move_out), *days.get(stay.dwelling_id, ())]
        homes.setdefault(stay.dwelling_id, stay.dwelling)
    dwellings = list(homes.values())
    chosen = request.GET.get("dwelling", "")
    if not dwellings:
        return None, []
    dwelling = next(
        (one for one in dwellings if str(one.public_id) == chosen), None if chosen else dwellings[0]
    )
    if dwelling is None:
        raise Http404
    return _page(request, dwelling, days[dwelling.pk], euros=rights.sees_euros(dwelling)), dwellings


@require_GET
@requires(Permission.SEE_CONSUMPTION)
def dwelling_consumption(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """The operator's view."""
    return _render(request, staff_page(request, public_id), [])


def staff_page(request: ProgrammeRequest, public_id: str) -> ConsumptionPage:
    """Each look is recorded; the occupant can see who looked."""
    dwelling = access_dwelling(request.actor, public_id)
    page = _page(request, dwelling, EVER, euros=True, hours=False)  # who may see this page may see money
    look_record(
        actor=request.actor, action="consumption.seen", target_kind="dwelling", target=str(dwelling.public_id)
    )
    return page


def _page(
    request: ProgrammeRequest, dwelling: Dwelling, visible: Spans, *, euros: bool, hours: bool = True
) -> ConsumptionPage:
    return page_for(
        programme=request.programme,
        dwelling=dwelling,
        visible=visible,
        hours=hours,
        today=local_today(dwelling, request.actor),
        kind=request.GET.get("period", "month"),
        key=request.GET.get("at", ""),
        euros=euros,
    )


def _render(request: ProgrammeRequest, page: ConsumptionPage, homes: list[Dwelling]) -> HttpResponse:
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, rows = day_table(page)
        return table_response(rows, name=f"{page.dwelling.name} {page.period.key}", header=header, kind=kind)
    below = [] if homes else [(_("Consumption"), "")]
    trail = zone_crumbs(request.actor, page.dwelling, *below)
    context = {"homes": homes, "links": _links(request, page, homes), "query": page.query, "crumbs": trail}
    if homes and page.running and page.period.kind != "day":  # of the last days, so not beside another time
        context["hints"] = leak_hints(page.meters, page.visible)
    return render(request, "readings/consumption.html", {**page.context(), **context})


def _links(request: ProgrammeRequest, page: ConsumptionPage, homes: list[Dwelling]) -> list[dict[str, str]]:
    """Where the page leads on to: an occupant's own pages, or an operator's pages of this dwelling."""
    slug, place = request.programme.slug, page.dwelling
    own = [
        (_("Monthly sheets"), optional_url("home_sheets", slug)),
        (_("Budget and water alerts"), optional_url("home_hints", slug)),
        (_("My tariffs"), optional_url("home_tariffs", slug)),
        (_("Common areas"), optional_url("home_common", slug)),
        (_("Devices"), optional_url("device_list", slug)),
        (_("Who looked at my figures"), optional_url("looks", slug)),
    ]
    staff = [
        (_("Meters and devices"), optional_url("dwelling_detail", slug, place.public_id)),
        (_("Tariffs of this dwelling"), optional_url("dwelling_tariff_parameters", slug, place.public_id)),
        (
            _("Other dwellings of the building"),
            optional_url("building_overview", slug, place.building.public_id),
        ),
    ]
    rows = [(_("Where these figures come from"), page.origin_url), *(own if homes else staff)]
    return [{"label": label, "url": url} for label, url in rows if url]
