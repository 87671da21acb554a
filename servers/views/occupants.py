"""Occupants: settled in, corrected and moved out by the operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, parse_public_id, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.forms.people import refuse
from accounts.lists import ListAsked
from servers.days import today_in
from servers.doors import access_occupancy, visible_dwellings, visible_occupancies
from servers.forms.occupants import MoveOutForm, OccupantEditForm, OccupantForm
from servers.models import Occupancy
from servers.selectors.estate import local_today
from servers.selectors.occupants import (
    OCCUPANT_ORDER,
    has_accepted,
    matching_occupancies,
    occupancy_rows,
    occupancy_state,
)
from servers.services import occupancies

SHOWN = {"": lambda: _("All"), "now": lambda: _("Living here"), "past": lambda: _("Moved out")}


def _list_url(request: ProgrammeRequest) -> str:
    return reverse("occupant_list", args=[request.programme.slug])


def _about(request: ProgrammeRequest, label: str, **more: Any) -> dict[str, Any]:
    crumbs = [{"label": _("Occupants"), "url": _list_url(request)}, {"label": label}]
    return {"crumbs": crumbs, "list_url": _list_url(request), "title": label, **more}


@require_GET
@requires(Permission.SEE_OCCUPANTS)
def occupant_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    show = request.GET.get("show", "")
    show = show if show in SHOWN else ""
    asked = ListAsked.of(request.GET, OCCUPANT_ORDER, keep={"show": show})
    ids = matching_occupancies(request.actor, asked, show=show)
    listed = asked.context(ids)
    context = {
        **listed,
        "rows": occupancy_rows(request.actor, list(listed["page"].object_list)),
        "choices": [
            {"label": label(), "url": f"?{asked.query(show=key)}", "current": key == show}
            for key, label in SHOWN.items()
        ],
        "any": bool(ids) or visible_occupancies(request.actor).exists(),
        "has_dwellings": visible_dwellings(request.actor).filter(retired_at=None).exists(),
        "manages": request.actor.may(Permission.MANAGE_OCCUPANTS),
    }
    return render(request, "servers/occupant_list.html", context)


def _first_values(request: ProgrammeRequest) -> dict[str, Any]:
    """From a dwelling's page the dwelling is chosen already; people mostly move in today."""
    dwelling = parse_public_id(request.GET.get("dwelling", ""))
    return {"dwelling": str(dwelling) if dwelling else "", "move_in": local_today(request.actor)}


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_OCCUPANTS)
def occupant_create(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = OccupantForm(posted(request), actor=request.actor, initial=_first_values(request))
    if request.method == "POST" and form.is_valid():
        try:
            occupancy = occupancies.occupancy_create(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            sent = _("An invitation is on its way to %(email)s.") % {"email": occupancy.user.email}
            messages.success(request, sent)
            return redirect("occupant_list", slug)
    return form_page(request, "servers/occupant_form.html", _about(request, _("Add an occupant"), form=form))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_OCCUPANTS)
def occupant_edit(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    occupancy = access_occupancy(request.actor, public_id)
    initial = {
        "name": occupancy.person_name,
        "move_in": occupancy.move_in,
        "move_out": occupancy.move_out,
    }
    form = OccupantEditForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            occupancies.occupancy_change(actor=request.actor, occupancy=occupancy, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("occupant_list", slug)
    return form_page(request, "servers/occupant_edit.html", _of_one(request, occupancy, form=form))


def _of_one(request: ProgrammeRequest, occupancy: Occupancy, **more: Any) -> dict[str, Any]:
    accepted = has_accepted(request.actor, occupancy)
    today = today_in(request.actor, occupancy.dwelling.building)
    state = occupancy_state(occupancy, accepted, today)
    return _about(
        request, occupancy.person_name, occupancy=occupancy, state=state, may_invite=not accepted, **more
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_OCCUPANTS)
def occupant_move_out(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    occupancy = access_occupancy(request.actor, public_id)
    initial = {"move_out": occupancy.move_out or today_in(request.actor, occupancy.dwelling.building)}
    form = MoveOutForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            occupancies.occupancy_end(actor=request.actor, occupancy=occupancy, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(
                request, _("The move-out is noted. The days before stay visible to this person.")
            )
            return redirect("occupant_list", slug)
    return form_page(request, "servers/occupant_move_out.html", _of_one(request, occupancy, form=form))


@require_POST
@requires(Permission.MANAGE_OCCUPANTS)
def occupant_invite(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    occupancy = access_occupancy(request.actor, public_id)
    try:
        occupancies.occupancy_invite_again(actor=request.actor, occupancy=occupancy)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        sent = _("An invitation is on its way to %(email)s.") % {"email": occupancy.user.email}
        messages.success(request, sent)
    return redirect("occupant_list", slug)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_OCCUPANTS)
def occupant_remove(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    occupancy = access_occupancy(request.actor, public_id)
    if request.method == "POST":
        occupancies.occupancy_remove(actor=request.actor, occupancy=occupancy)
        messages.success(request, _("The entry is removed."))
        return redirect("occupant_list", slug)
    return render(request, "servers/occupant_remove.html", _of_one(request, occupancy))
