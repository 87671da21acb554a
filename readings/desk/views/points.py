"""Metering points of the utility: found, made, edited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.lists import ListAsked
from accounts.tables import KINDS, table_response
from readings.applications.services import number_checked, number_offered
from readings.crumbs import desk_crumbs
from readings.desk.forms import PointForm
from readings.desk.points import POINT_ORDER, point_open, point_rows, point_table, points_found
from readings.desk.tabs import desk_tabs
from servers.doors import access_point
from servers.models import MeteringPoint
from servers.services.points import EDITABLE, point_edit


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def point_list(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    retired = request.GET.get("which") == "retired"
    asked = ListAsked.of(request.GET, POINT_ORDER, keep={"which": "retired" if retired else ""})
    found = points_found(request.actor, asked, retired=retired)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, rows = point_table(found)
        return table_response(rows, name=_("Metering points"), header=header, kind=kind)
    listed = asked.context(found)
    context: dict[str, Any] = {
        **listed, "rows": point_rows(list(listed["page"])), "seg": _seg(asked, retired),
        "tabs": desk_tabs(request, "point_list"),
    }  # fmt: skip
    return render(request, "readings/desk/points.html", context)


def _seg(asked: ListAsked, retired: bool) -> list[dict[str, Any]]:
    choices = (("", _("In service"), not retired), ("retired", _("Out of service"), retired))
    return [
        {"label": label, "url": f"?{asked.query(which=which)}", "current": current}
        for which, label, current in choices
    ]


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def point_new(request: ProgrammeRequest, slug: str) -> HttpResponse:
    initial = {"number": number_offered(), "contract": request.GET.get("contract", "")[:20],
               "totals_source": MeteringPoint.TotalsSource.ARCHIVE}  # fmt: skip
    form = PointForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            fields = form.cleaned_data | {"number": number_checked(form.cleaned_data["number"])}
            point = point_open(actor=request.actor, **fields)
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            messages.success(request, _("Metering point %(number)s was made.") % {"number": point.number})
            return redirect("point_detail", slug, point.public_id)
    return _form_page(request, form, _("New metering point"))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def point_change(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    point = access_point(request.actor, public_id)
    initial = {name: getattr(point, name) for name in EDITABLE}
    initial["contract"] = point.contract.number if point.contract else ""
    form = PointForm(posted(request), point=point, initial=initial)
    if request.method == "POST" and form.is_valid():
        point_edit(actor=request.actor, point=point, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("point_detail", slug, point.public_id)
    return _form_page(request, form, point.number or point.name, point)


def _form_page(
    request: ProgrammeRequest, form: PointForm, title: str, point: MeteringPoint | None = None
) -> HttpResponse:
    request.nav_name = "desk_home"
    url = reverse("point_list", args=[request.programme.slug])
    rows = point_rows([point]) if point else []
    context: dict[str, Any] = {
        "form": form, "title": title, "point": point, "row": rows[0] if rows else None,
        "crumbs": desk_crumbs(request, (_("Metering points"), url), (title, "")),
    }  # fmt: skip
    return form_page(request, "readings/desk/point_form.html", context)
