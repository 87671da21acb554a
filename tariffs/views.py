"""The pages of tariffs and advanced parameters: one a place, each for the level of the person who opens it."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.forms.people import refuse
from accounts.tables import table_kind, table_response
from accounts.templatetags.releve import local_day
from servers.doors import access_building, access_dwelling
from tariffs.history import history_table
from tariffs.page import ParametersPage
from tariffs.places import (
    ParameterPlace,
    building_place,
    dwelling_place,
    home_place,
    present_homes,
    programme_place,
)
from tariffs.services.parameters import parameters_reset, parameters_save


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PARAMETERS)
def tariff_parameters(request: ProgrammeRequest, slug: str) -> HttpResponse:
    return _page(request, programme_place(request.actor), "tariffs")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PARAMETERS)
def advanced_parameters(request: ProgrammeRequest, slug: str) -> HttpResponse:
    return _page(request, programme_place(request.actor), "advanced")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PARAMETERS)
def sharing_parameters(request: ProgrammeRequest, slug: str) -> HttpResponse:
    return _page(request, programme_place(request.actor), "sharing")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PLACE_PARAMETERS)
def building_parameters(request: ProgrammeRequest, slug: str, public_id: UUID, page: str) -> HttpResponse:
    return _page(request, building_place(access_building(request.actor, public_id)), page)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PLACE_PARAMETERS)
def dwelling_parameters(request: ProgrammeRequest, slug: str, public_id: UUID, page: str) -> HttpResponse:
    return _page(request, dwelling_place(access_dwelling(request.actor, public_id)), page)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_OWN_TARIFFS)
def home_tariffs(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """The dwelling where the occupant lives; who lives in several chooses by ?dwelling=."""
    request.nav_name = "home_tariffs"
    homes = present_homes(request.actor)
    chosen = request.GET.get("dwelling", "")
    dwelling = next((one for one in homes if chosen in ("", str(one.public_id))), None)
    if dwelling is None and (chosen or request.method == "POST"):
        raise Http404
    if dwelling is None:
        return render(request, "tariffs/home_none.html")
    return _page(request, home_place(dwelling), "tariffs", homes=homes if len(homes) > 1 else [])


def _page(request: ProgrammeRequest, place: ParameterPlace, page: str, **more: object) -> HttpResponse:
    if not hasattr(request, "nav_name"):
        request.nav_name = "tariff_parameters"
    if request.method == "GET" and (kind := table_kind(request.GET)):
        header, rows = history_table(request.actor, place, page)
        return table_response(rows, name=_("History"), header=header, kind=kind)
    shown = ParametersPage(request.actor, place, page, posted(request))
    if request.method == "POST" and "reset" in request.POST:
        return _reset(request, shown)
    if request.method == "POST" and shown.form.is_valid() and _saved(request, shown):
        return redirect(request.get_full_path())
    context = shown.context(request.GET.get("page"))
    chosen = {key: request.GET[key] for key in ("dwelling",) if key in request.GET}
    more |= {"here": place, "history_query": urlencode(chosen)}
    return form_page(request, "tariffs/parameters.html", {**context, **more})


def _saved(request: ProgrammeRequest, shown: ParametersPage) -> bool:
    """False where the service refused: its sentence stands in the form then."""
    valid_from = shown.form.cleaned_data["valid_from"]
    try:
        changed = parameters_save(
            actor=request.actor, place=shown.place, values=shown.form.changed(), valid_from=valid_from
        )
    except DomainError as error:
        refuse(shown.form, error)
        return False
    if changed:
        saved = ngettext(
            "%(count)s value saved from %(day)s.", "%(count)s values saved from %(day)s.", len(changed)
        )
        messages.success(request, saved % {"count": len(changed), "day": local_day(valid_from)})
    else:
        messages.info(request, _("Nothing was changed."))
    return True


def _reset(request: ProgrammeRequest, shown: ParametersPage) -> HttpResponse:
    """Asks first, by a page that names what would be dropped."""
    if "confirmed" not in request.POST:
        dropped = shown.dropped()
        if not dropped:
            messages.info(request, _("No value is set here: the values above hold already."))
            return redirect(request.get_full_path())
        fields = [{"name": "reset", "value": "1"}, {"name": "confirmed", "value": "1"}]
        context = {"title": shown.title, "place_name": shown.place_name, "dropped": dropped, "fields": fields}
        return render(request, "tariffs/parameters_reset.html", {**context, "url": request.get_full_path()})
    if parameters_reset(actor=request.actor, place=shown.place, section=shown.page):
        messages.success(request, _("The own values are dropped from today on; the days before keep them."))
    return redirect(request.get_full_path())
