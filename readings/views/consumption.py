"""Consumption pages: the occupant's own home, and a dwelling as its operator may see it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Actor, Permission, ProgrammeRequest, requires
from accounts.services.audit import audit_record
from readings.consumption.page import ConsumptionPage, page_for
from readings.consumption.selectors import Spans
from servers.doors import access_dwelling, occupied_days, own_dwellings
from servers.models import Dwelling, Occupancy

EVER: Spans = [(date(2000, 1, 1), None)]


def local_today(dwelling: Dwelling, actor: Actor) -> date:
    zone = dwelling.building.time_zone or actor.programme.time_zone
    return timezone.now().astimezone(ZoneInfo(zone)).date()


@require_GET
@requires(Permission.SEE_OWN_HOME)
def occupant_home(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """The occupant's dwelling; who has lived in several chooses one, the present one first."""
    lived_in = (
        Occupancy.objects.filter(user=request.user).order_by("-move_in").values_list("dwelling", flat=True)
    )
    homes = {dwelling.pk: dwelling for dwelling in own_dwellings(request.actor)}
    dwellings = [homes[pk] for pk in dict.fromkeys(lived_in) if pk in homes]
    chosen = request.GET.get("dwelling", "")
    if not dwellings:
        return render(request, "readings/home_empty.html")
    dwelling = next(
        (one for one in dwellings if str(one.public_id) == chosen), None if chosen else dwellings[0]
    )
    if dwelling is None:
        raise Http404
    return _render(request, _page(request, dwelling, occupied_days(request.actor, dwelling)), dwellings)


@require_GET
@requires(Permission.SEE_CONSUMPTION)
def dwelling_consumption(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """The operator's view. Each look is recorded; the occupant can see who looked."""
    dwelling = access_dwelling(request.actor, public_id)
    page = _page(request, dwelling, EVER)
    # the period that is shown, not the words of the address: those may be anything
    audit_record(
        actor=request.actor,
        action="consumption.seen",
        target_kind="dwelling",
        target=str(dwelling.public_id),
        detail={"period": page.period.kind, "at": page.period.key},
    )
    return _render(request, page, [])


def _page(request: ProgrammeRequest, dwelling: Dwelling, visible: Spans) -> ConsumptionPage:
    return page_for(
        programme=request.programme,
        dwelling=dwelling,
        visible=visible,
        today=local_today(dwelling, request.actor),
        kind=request.GET.get("period", "month"),
        key=request.GET.get("at", ""),
        euros=request.programme.settings.get("occupants_see_euros", True),
    )


def _render(request: ProgrammeRequest, page: ConsumptionPage, homes: list[Dwelling]) -> HttpResponse:
    return render(request, "readings/consumption.html", {**page.context(), "homes": homes})
