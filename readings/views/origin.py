"""Where a figure comes from: from a place to its registers, from a register to its days, from a day to its readings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.services.audit import look_record
from accounts.tables import table_kind, table_response
from readings.completeness.page import month_of, place_name
from readings.crumbs import point_crumbs
from readings.provenance.access import Traced, access_traced, days_of, traced_at
from readings.provenance.page import (
    day_context,
    month_context,
    month_table,
    registers_context,
    registers_table,
)
from servers.crumbs import zone_crumbs
from servers.doors import access_dwelling, access_point
from servers.models import MeteringPoint


@require_GET
@requires(Permission.SEE_CONSUMPTION, Permission.SEE_OWN_HOME)
def origin_dwelling(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    dwelling = access_dwelling(request.actor, public_id)
    points = MeteringPoint.objects.filter(dwelling=dwelling)
    context = registers_context(request, traced_at(request.actor, points))
    _looked(request, "dwelling", str(dwelling.public_id))
    if table_kind(request.GET):
        return _registers_taken(request, dwelling.name, context)
    trail = zone_crumbs(request.actor, dwelling, (_("Where the figures come from"), ""))
    return render(
        request, "readings/origin/registers.html", {**context, "title": dwelling.name, "crumbs": trail}
    )


@require_GET
@requires(Permission.SEE_CONSUMPTION, Permission.SEE_OWN_CONTRACTS)
def origin_point(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    if not days_of(request.actor, point):
        raise Http404
    context = registers_context(request, traced_at(request.actor, MeteringPoint.objects.filter(pk=point.pk)))
    if table_kind(request.GET):
        return _registers_taken(request, place_name(point), context)
    trail = point_crumbs(request, point, (_("Where the figures come from"), ""))
    return render(
        request, "readings/origin/registers.html", {**context, "title": place_name(point), "crumbs": trail}
    )


def _registers_taken(request: ProgrammeRequest, place: str, context: dict[str, Any]) -> HttpResponse:
    header, rows = registers_table(context)
    name = f"{place} {context['month_key']}"
    return table_response(rows, name=name, header=header, kind=table_kind(request.GET))


@require_GET
@requires(Permission.SEE_CONSUMPTION, Permission.SEE_OWN_HOME)
def origin_register(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    return _register(request, access_traced(request.actor, public_id))


@require_GET
@requires(Permission.SEE_CONSUMPTION, Permission.SEE_OWN_CONTRACTS)
def origin_contract_register(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """The same of a register at a contract's metering point."""
    return _register(request, access_traced(request.actor, public_id))


def _register(request: ProgrammeRequest, traced: Traced) -> HttpResponse:
    dwelling = traced.register.installation.point.dwelling
    if dwelling is not None:
        _looked(request, "dwelling", str(dwelling.public_id))
    if "day" in request.GET:
        day = _day(request.GET["day"], traced)
        return render(request, "readings/origin/day.html", day_context(request, traced, day))
    today = timezone.now().astimezone(traced.zone).date()
    first = month_of(request.GET.get("month", f"{today:%Y-%m}"), today)
    context = month_context(request, traced, first)
    if kind := table_kind(request.GET):
        header, rows = month_table(context)
        name = f"{traced.register.installation.meter.serial} {first:%Y-%m}"
        return table_response(rows, name=name, header=header, kind=kind)
    return render(request, "readings/origin/month.html", context)


def _day(text: str, traced: Traced) -> date:
    """A day that the reader may see, or there is no such page."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not date(2000, 1, 1) <= day <= date(2100, 1, 1) or not traced.sees(day):
        raise Http404
    return day


def _looked(request: ProgrammeRequest, kind: str, target: str) -> None:
    """An operator's look at a dwelling's figures is recorded; the occupant can see who looked."""
    if request.actor.may(Permission.SEE_CONSUMPTION):
        look_record(actor=request.actor, action="consumption.seen", target_kind=kind, target=target)
