"""The programme view: zones from the programme down to a dwelling's meters and devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Actor, Permission, ProgrammeRequest, requires
from accounts.lists import ListAsked
from accounts.tables import table_kind, table_response
from servers.crumbs import zone_crumbs
from servers.days import own_occupancies, present
from servers.doors import access_building, access_common_area, access_dwelling, visible_servers
from servers.first_steps import first_steps, optional_url
from servers.models import Building, CommonArea, Dwelling, Medium
from servers.selectors import estate
from servers.selectors.contents import Contents, contents_of, contents_of_one
from servers.selectors.occupants import occupancies_of
from servers.selectors.tables import contents_table, dwellings_table
from servers.selectors.zone_filter import BY_DWELLING, Asked, asked_of, fresh_choices, narrowed

DWELLINGS_A_PAGE = 50
OPENED_A_PAGE = 20  # dwellings with all their meters


def _tabs(request: ProgrammeRequest, asked: Asked) -> list[dict[str, Any]]:
    """Building: its dwellings. Dwelling: the meters and devices of each."""
    tabs = []
    for key, label in (("", _("Building")), (BY_DWELLING, _("Dwelling"))):
        url = f"{request.path}?{asked.query(view=key)}"
        tabs.append({"label": label, "url": url, "current": key == asked.view})
    return tabs


def _selects(asked: Asked, found: estate.Outline) -> list[dict[str, Any]]:
    """The filters beside the search: name, label, and options with which one is chosen."""
    buildings = [(str(row["public_id"]), row["name"]) for row in found.buildings]
    media = [(value, capfirst(label)) for value, label in Medium.choices]
    fresh = [(value, capfirst(label)) for value, label in fresh_choices()]
    selects = [
        ("building", _("Building"), _("All buildings"), buildings, str(asked.building or "")),
        ("medium", _("Medium"), _("All media"), media, asked.medium),
        ("fresh", _("State"), _("Every state"), fresh, asked.fresh),
    ]
    return [
        {"name": name, "label": label, "every": every, "options": options, "chosen": chosen}
        for name, label, every, options, chosen in selects
        if name != "building" or len(options) > 1
    ]


def _zone(
    request: ProgrammeRequest, found: estate.Outline, building: Building | None = None
) -> dict[str, Any]:
    """One page of the dwellings asked for, with what stands around them."""
    asked = asked_of(request.GET)
    listing = ListAsked.of(request.GET, estate.DWELLING_SORTS, keep=asked.filled)
    everybody = asked.q or listing.key == "people"  # these look at more people than the page shows
    people = estate.people_of(request.actor) if everybody else None
    counts = estate.zone_counts(request.actor, building)
    ids = narrowed(estate.search(found, asked.q, people or {}), asked)
    listed = listing.context(
        estate.in_order(found, ids, listing, counts, people or {}),
        OPENED_A_PAGE if asked.view else DWELLINGS_A_PAGE,
    )
    page = listed["page"]
    shown = list(page.paginator.object_list if table_kind(request.GET) else page.object_list)
    people = estate.people_of(request.actor, shown) if people is None else people
    table = estate.dwelling_table(request.actor, shown, counts, people, extra=not asked.view)
    overview = not asked.view and not asked.narrowed
    return {
        **listed, "asked": asked, "tabs": _tabs(request, asked), "selects": _selects(asked, found),
        "found": len(ids), "meters": counts.meters.total(), "devices": counts.devices.total(),
        "table": table, "top": overview and page.number == 1,
        "areas": estate.area_rows(request.actor, counts, building) if overview else [],
        "opened": _opened(request.actor, page, table, asked.medium) if asked.view else [],
        "sees_people": request.actor.may(Permission.SEE_OCCUPANTS),
    }  # fmt: skip


def _opened(actor: Actor, page: Page[int], table: estate.DwellingTable, medium: str) -> list[dict[str, Any]]:
    contents = contents_of(actor, "dwelling", list(page.object_list), past=False)
    if medium:
        for found in contents.values():
            found.meters = [meter for meter in found.meters if meter.point.medium == medium]
    return [{"row": row, "contents": contents[row.dwelling.pk]} for row in table.rows]


def _taken(request: ProgrammeRequest, zone: dict[str, Any], name: str) -> HttpResponse:
    """The dwellings of the zone, all that were asked for, as a list."""
    header, rows = dwellings_table(zone["table"], people=zone["sees_people"])
    return table_response(rows, name=f"{name} {_('Dwellings')}", header=header, kind=table_kind(request.GET))


@require_GET
@requires(Permission.SEE_PROGRAMME)
def programme_view(request: ProgrammeRequest, slug: str) -> HttpResponse:
    servers = list(visible_servers(request.actor).order_by("pk"))
    found = estate.outline(request.actor)
    zone = _zone(request, found) if found.buildings else {"top": True}
    if table_kind(request.GET) and "table" in zone:
        return _taken(request, zone, request.programme.name)
    steps = first_steps(request.actor, servers) if zone["top"] else None
    context: dict[str, Any] = {
        "buildings": found.buildings,
        "single": len(found.buildings) == 1,
        "dwellings": len(found.dwellings),
        "fresh": estate.freshness(servers),
        "steps": steps,
        "next_step": steps.next if steps else None,
        "contracts_url": _contracts_url(request),
    }
    return render(request, "servers/programme_view.html", context | zone)


def _contracts_url(request: ProgrammeRequest) -> str:
    """A utility's programme is its contracts, for who may see any."""
    may = request.actor.may(Permission.MANAGE_CONTRACTS) or request.actor.may(Permission.SEE_OWN_CONTRACTS)
    return (
        optional_url("contract_list", request.programme.slug) if request.programme.is_utility and may else ""
    )


@require_GET
@requires(Permission.SEE_PROGRAMME)
def building_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    building = access_building(request.actor, public_id)
    zone = _zone(request, estate.outline(request.actor, building), building)
    if table_kind(request.GET):
        return _taken(request, zone, building.name)
    context = {
        "building": building,
        **_operators_urls(request, "building", building),
        "crumbs": zone_crumbs(request.actor, building),
        "retired": estate.retired_places(building),
        "fresh": estate.freshness(estate.servers_of(building)),
        "parameters_url": _parameters_url(request, building),
        **zone,
    }
    return render(request, "servers/building_detail.html", context)


def _parameters_url(request: ProgrammeRequest, building: Building) -> str:
    """An operator of some buildings has no page of the programme's parameters above this one."""
    if not request.actor.may(Permission.MANAGE_PLACE_PARAMETERS):
        return ""
    return optional_url("building_tariff_parameters", request.programme.slug, building.public_id)


def _operators_urls(request: ProgrammeRequest, kind: str, place: Building | Dwelling) -> dict[str, str]:
    """The place's consumption beside others', and its parameters, for who may open them."""
    slug, may = request.programme.slug, request.actor.may
    overview = optional_url("building_overview", slug, place.public_id) if kind == "building" else ""
    parameters = optional_url(f"{kind}_tariff_parameters", slug, place.public_id)
    return {
        "overview_url": overview if may(Permission.SEE_CONSUMPTION) else "",
        "parameters_url": parameters if may(Permission.MANAGE_PLACE_PARAMETERS) else "",
    }


def _refuse_former_occupant(actor: Actor, dwelling: Dwelling) -> None:
    """What stands in the dwelling now is no business of somebody who has moved out; their days are on their page."""
    if actor.may(Permission.SEE_PROGRAMME):
        return
    if all(stay.dwelling_id != dwelling.pk for stay in present(actor, own_occupancies(actor))):
        raise Http404


def _consumption_url(request: ProgrammeRequest, dwelling: Dwelling) -> str:
    slug = request.programme.slug
    if request.actor.may(Permission.SEE_CONSUMPTION):
        return optional_url("dwelling_consumption", slug, dwelling.public_id)
    return optional_url("occupant_home", slug) if request.actor.may(Permission.SEE_OWN_HOME) else ""


def _meters_taken(
    request: ProgrammeRequest, place: Dwelling | CommonArea, contents: Contents
) -> HttpResponse:
    """The meters of a dwelling or a common area, as a list."""
    header, rows = contents_table([(place.name, contents)])
    name = f"{place.name} {_('Meters')}"
    return table_response(rows, name=name, header=header, kind=table_kind(request.GET))


@require_GET
@requires(Permission.SEE_PROGRAMME, Permission.SEE_OWN_HOME)
def dwelling_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    dwelling = access_dwelling(request.actor, public_id)
    _refuse_former_occupant(request.actor, dwelling)
    staff, sees_people = (request.actor.may(p) for p in (Permission.SEE_PROGRAMME, Permission.SEE_OCCUPANTS))
    contents = contents_of_one(request.actor, dwelling, past=staff)
    if table_kind(request.GET):
        return _meters_taken(request, dwelling, contents)
    context = {
        "place": dwelling,
        **_operators_urls(request, "dwelling", dwelling),
        "crumbs": zone_crumbs(request.actor, dwelling),
        "contents": contents,
        "fresh": estate.freshness([dwelling.server] if dwelling.server else []),
        "staff": staff,
        "sees_people": sees_people,
        "manages_people": request.actor.may(Permission.MANAGE_OCCUPANTS),
        "occupancies": occupancies_of(request.actor, dwelling) if sees_people else [],
        "consumption_url": _consumption_url(request, dwelling),
    }
    return render(request, "servers/dwelling_detail.html", context)


@require_GET
@requires(Permission.SEE_PROGRAMME)
def common_area_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    area = access_common_area(request.actor, public_id)
    contents = contents_of_one(request.actor, area)
    if table_kind(request.GET):
        return _meters_taken(request, area, contents)
    context = {
        "place": area,
        "crumbs": zone_crumbs(request.actor, area),
        "contents": contents,
        "fresh": estate.freshness([area.server] if area.server else []),
    }
    return render(request, "servers/common_area_detail.html", context)
