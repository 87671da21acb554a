"""What a metering point is charged for: the load of its contract by day, and whether it stands in service."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from readings.crumbs import desk_crumbs
from readings.desk.forms import RetireForm, TermsForm
from readings.desk.points import point_retire as point_retired
from readings.models import PointTerms
from readings.statements.terms import load_number, load_of_text, terms_drop, terms_set
from servers.doors import access_point
from servers.models import MeteringPoint
from servers.services.points import point_stands


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def point_terms(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    """`drop` names the day of a row that is taken back; else a load is set from a day on."""
    point = access_point(request.actor, public_id)
    if "drop" in request.POST:
        _dropped(request, point)
        return redirect("point_terms", slug, point.public_id)
    form = TermsForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            terms_set(
                actor=request.actor, point=point, valid_from=form.cleaned_data["valid_from"],
                load=load_of_text(form.cleaned_data["load"]), reporting_day=form.cleaned_data["reporting_day"] or 0,
            )  # fmt: skip
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("point_terms", slug, point.public_id)
    rows = PointTerms.objects.filter(point=point).select_related("set_by").order_by("-valid_from")
    context = _context(request, point, _("What is charged")) | {
        "form": form, "rows": [{"row": row, "load": load_number(row.load)} for row in rows],
    }  # fmt: skip
    return form_page(request, "readings/desk/point_terms.html", context)


def _dropped(request: ProgrammeRequest, point: MeteringPoint) -> None:
    try:
        day = date.fromisoformat(request.POST["drop"])
    except ValueError:
        return
    if terms_drop(actor=request.actor, point=point, valid_from=day):
        messages.success(request, _("Taken back."))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def point_retire(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    """Out of service after a day, or with `restore` back into it."""
    point = access_point(request.actor, public_id)
    if "restore" in request.POST:
        if point_stands(actor=request.actor, point=point, retired_at=None):
            messages.success(request, _("The metering point is in service again."))
        return redirect("point_detail", slug, point.public_id)
    today = timezone.now().astimezone(request.programme.zone).date()
    form = RetireForm(posted(request), initial={"last": today})
    if request.method == "POST" and form.is_valid():
        try:
            point_retired(actor=request.actor, point=point, last=form.cleaned_data["last"])
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            messages.success(request, _("The metering point is out of service; its history stays."))
            return redirect("point_detail", slug, point.public_id)
    title = _("Put back into service") if point.retired_at else _("Put out of service")
    context = _context(request, point, title) | {"form": form}
    return form_page(request, "readings/desk/point_retire.html", context)


def _context(request: ProgrammeRequest, point: MeteringPoint, title: str) -> dict[str, Any]:
    request.nav_name = "desk_home"
    slug, place = request.programme.slug, point.number or point.name
    points = (_("Metering points"), reverse("point_list", args=[slug]))
    one = (place, reverse("point_detail", args=[slug, point.public_id]))
    return {"point": point, "title": title, "crumbs": desk_crumbs(request, points, one, (title, ""))}
