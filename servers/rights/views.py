"""*Rights*: what all occupants of the programme may see and switch, and the exceptions of one of them."""

from __future__ import annotations

from collections.abc import Callable
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
from accounts.tables import table_kind, table_response
from accounts.texts import natural_key
from servers.doors import access_occupancy
from servers.first_steps import optional_url
from servers.models import OccupantRight
from servers.rights import services
from servers.rights.forms import ExceptionsForm, TicksForm
from servers.rights.shared import shared_areas
from servers.rights.table import Line, areas_of, euros_line, lines_of, rights_table, standing_areas
from servers.selectors.tables import contents_table

Right = OccupantRight.Right
LINES_A_PAGE = 100
LINE_ORDER: dict[str, Callable[[Line], Any]] = {
    "zone": lambda line: (natural_key(line.zone), natural_key(line.thing)),
    "thing": lambda line: (natural_key(line.thing), natural_key(line.zone)),
}


def _tabs(request: ProgrammeRequest) -> list[dict[str, Any]]:
    """Beside the parameters, whose pages are another app's."""
    pages = [
        (_("Tariffs"), "tariff_parameters"),
        (_("Advanced parameters"), "advanced_parameters"),
        (_("Allotment and units"), "sharing_parameters"),
        (_("Rights"), "rights"),
    ]
    slug = request.programme.slug
    tabs = [
        {"label": label, "url": optional_url(name, slug), "current": name == "rights"}
        for label, name in pages
    ]
    return [tab for tab in tabs if tab["url"]]


def _sections(form: TicksForm | ExceptionsForm) -> list[dict[str, Any]]:
    """The two tables, for devices and for meters."""
    return [
        {
            "title": _("See and control a device of the common areas"),
            "thing": _("Device"),
            "rows": form.rows(Right.DEVICE),
            "nothing": _("No device of a common area has been published."),
        },
        {
            "title": _("See a meter of the common areas"),
            "thing": _("Meter"),
            "rows": form.rows(Right.METER),
            "nothing": _("No meter of a common area has been published."),
        },
    ]


def _shown(request: ProgrammeRequest, lines: list[Line]) -> tuple[list[Line], dict[str, Any]]:
    """One page of the lines in the order asked for, with the euros always; what it does not show, it does not change."""
    asked = ListAsked.of(request.GET, LINE_ORDER)
    listed = asked.context(
        asked.rows(lines, lambda line: f"{line.zone} {line.thing}", LINE_ORDER), LINES_A_PAGE
    )
    listed["searched"] = bool(asked.q) or len(lines) > LINES_A_PAGE
    return [euros_line(), *listed["page"]], listed


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_RIGHTS)
def rights(request: ProgrammeRequest, slug: str) -> HttpResponse:
    request.nav_name = "tariff_parameters"
    areas = standing_areas(request.actor)
    every = [line for right in (Right.DEVICE, Right.METER) for line in lines_of(request.actor, right, areas)]
    if kind := table_kind(request.GET):
        header, table = rights_table([euros_line(), *every], services.general_ticks())
        return table_response(table, name=_("Rights"), header=header, kind=kind)
    lines, listed = _shown(request, every)
    sent = request.POST if request.method == "POST" else None
    form = TicksForm(sent, lines=lines, ticks=services.general_ticks())
    if sent is not None and form.is_valid():
        changed = services.rights_save(actor=request.actor, lines=lines, chosen=form.chosen)
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect(request.get_full_path())
    context = {
        "form": form,
        "tabs": _tabs(request),
        "euros": form["euros"],
        "sections": _sections(form),
        **listed,
    }
    return form_page(request, "servers/rights.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_OCCUPANTS)
def occupant_rights(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    occupancy = access_occupancy(request.actor, public_id)
    areas = areas_of(request.actor, occupancy)
    every = [line for right in (Right.DEVICE, Right.METER) for line in lines_of(request.actor, right, areas)]
    lines, listed = _shown(request, every)
    sent = request.POST if request.method == "POST" else None
    own = services.own_exceptions(occupancy)
    form = ExceptionsForm(sent, lines=lines, general=services.general_ticks(), own=own)
    back = reverse("occupant_edit", args=[slug, occupancy.public_id])
    if sent is not None and form.is_valid():
        services.exceptions_save(actor=request.actor, occupancy=occupancy, lines=lines, chosen=form.chosen)
        messages.success(request, _("Saved."))
        return redirect(back)
    people = {"label": _("Occupants"), "url": reverse("occupant_list", args=[slug])}
    crumbs = [people, {"label": occupancy.person_name, "url": back}, {"label": _("Rights")}]
    context = {
        "form": form,
        "occupancy": occupancy,
        "back": back,
        "crumbs": crumbs,
        "euros": form["euros"],
        **listed,
    }
    return form_page(request, "servers/occupant_rights.html", {**context, "sections": _sections(form)})


@require_GET
@requires(Permission.SEE_OWN_HOME)
def home_common(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """The occupant's page of common areas; empty where no right was given."""
    zones = shared_areas(request.actor)
    if kind := table_kind(request.GET):
        header, rows = contents_table((zone["area"].name, zone["contents"]) for zone in zones)
        return table_response(rows, name=_("Common areas"), header=header, kind=kind)
    has_meters = any(zone["contents"].meters for zone in zones)
    return render(request, "servers/home_common.html", {"zones": zones, "has_meters": has_meters})
