"""Meters: their verification, their history, and those that a scan found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page
from accounts.lists import ListAsked
from accounts.tables import KINDS, table_kind, table_response
from servers.doors import access_meter
from servers.forms.meters import FoundMeterForm, MeterForm
from servers.models import Meter
from servers.selectors import meters as selector
from servers.selectors.estate import local_today
from servers.selectors.found import FOUND_ORDER, access_found, found_queue, found_text
from servers.selectors.tables import found_table, meters_table
from servers.services.found import found_edit
from servers.services.meters import meter_edit

ASIDE = "aside"


def _crumbs(request: ProgrammeRequest, *last: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": _("Meters"), "url": reverse("meter_list", args=[request.programme.slug])}, *last]


def _ways(request: ProgrammeRequest, current: str) -> list[dict[str, Any]]:
    """Verification and, where boxes read meters, what they found."""
    ways = [("meter_list", _("Verification"))]
    if not request.programme.is_utility:
        ways.append(("found_meters", _("Found by a scan")))
    slug = request.programme.slug
    return [
        {"label": label, "url": reverse(name, args=[slug]), "current": name == current}
        for name, label in ways
    ]


@require_GET
@requires(Permission.MANAGE_METERS)
def meter_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    known = dict(selector.due_choices())
    which = request.GET.get("due", "")
    which = which if which in known else selector.ALL
    asked = ListAsked.of(request.GET, selector.METER_ORDER, keep={"due": which})
    rows = asked.rows(selector.due_rows(request.actor, which), selector.due_text, selector.METER_ORDER)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, table = meters_table(rows)
        return table_response(table, name=f"{request.programme.name} {_('Meters')}", header=header, kind=kind)
    choices = [
        {"label": label, "url": f"?{asked.query(due=key)}", "current": key == which}
        for key, label in known.items()
    ]
    context = {
        "found": len(rows), "which": which, "choices": choices, "ways": _ways(request, "meter_list"),
        **asked.context(rows),
    }  # fmt: skip
    return render(request, "servers/meters/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_METERS)
def meter_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    meter = access_meter(request.actor, public_id)
    given = request.POST if request.method == "POST" else None
    form = MeterForm(given, initial=_kept(meter), today=local_today(request.actor))
    if given is not None and form.is_valid():
        meter_edit(actor=request.actor, meter=meter, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("meter_detail", slug, public_id)
    context = {
        "meter": meter,
        "form": form,
        "verification": selector.verification_of(request.actor, meter),
        "history": selector.history_of(request.actor, meter),
        "neighbours": selector.neighbours_of(request.actor, meter),
        "may_look": request.actor.may(Permission.SEE_CONSUMPTION),
        "may_exchange": request.actor.may(Permission.REVIEW_READINGS),
        "crumbs": _crumbs(request, {"label": meter.serial}),
    }
    return form_page(request, "servers/meters/detail.html", context)


def _kept(meter: Meter) -> dict[str, Any]:
    return {"model": meter.model, "verified_on": meter.verified_on, "verified_until": meter.verified_until}


@require_GET
@requires(Permission.MANAGE_METERS)
def found_meters(request: ProgrammeRequest, slug: str) -> HttpResponse:
    show = ASIDE if request.GET.get("show") == ASIDE else ""
    asked = ListAsked.of(request.GET, FOUND_ORDER, keep={"show": show})
    queue = found_queue(request.actor)
    every = queue.dismissed if show else queue.waiting
    rows = asked.rows(every, found_text, FOUND_ORDER)
    if kind := table_kind(request.GET):
        header, table = found_table(rows)
        return table_response(table, name=_("Found by a scan"), header=header, kind=kind)
    choices = [
        {"label": f"{label} {len(here)}", "url": f"?{asked.query(show=key)}", "current": key == show}
        for key, label, here in (
            ("", _("Waiting for a place"), queue.waiting),
            (ASIDE, _("Put aside"), queue.dismissed),
        )
    ]
    context = {
        "any": bool(every), "show": show, "choices": choices if queue.dismissed else [],
        "ways": _ways(request, "found_meters"), **asked.context(rows),
    }  # fmt: skip
    return render(request, "servers/meters/found.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_METERS)
def found_meter(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    found = access_found(request.actor, public_id)
    initial = {"note": found.note, "dismissed": found.dismissed_at is not None}
    form = FoundMeterForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        found_edit(actor=request.actor, found=found, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("found_meters", slug)
    url = reverse("found_meters", args=[slug])
    crumbs = _crumbs(request, {"label": _("Found by a scan"), "url": url}, {"label": found.serial})
    return form_page(
        request, "servers/meters/found_one.html", {"found": found, "form": form, "url": url, "crumbs": crumbs}
    )
