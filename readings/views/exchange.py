"""The page on which an operator records the exchange of a meter, or takes a mistaken one back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from readings.completeness.page import place_name
from readings.crumbs import point_crumbs
from readings.ingest.wallclock import point_zone
from readings.review.exchange_form import ExchangeForm
from readings.review.exchanges import exchange_record, exchange_undo, registers_to_close, undo_refusal
from servers.doors import access_point
from servers.models import MeteringPoint, MeterInstallation
from servers.services.exchanges import standing_installation


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_READINGS)
def meter_exchange(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    standing = standing_installation(point)
    form = ExchangeForm(
        posted(request), zone=point_zone(point), registers=registers_to_close(point),
        manufacturer=standing.meter.manufacturer if standing else "",
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            exchange_record(
                actor=request.actor, point=point, at=form.cleaned_data["at"], serial=form.cleaned_data["serial"],
                manufacturer=form.cleaned_data["manufacturer"], indexes=form.indexes(),
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The exchange is recorded. The totals follow."))
            return redirect("meter_exchange", slug, point.public_id)
    return form_page(request, "readings/exchange.html", _about(request, point, form, standing))


def _about(
    request: ProgrammeRequest, point: MeteringPoint, form: ExchangeForm, standing: MeterInstallation | None
) -> dict[str, Any]:
    past = (
        MeterInstallation.objects.filter(point=point).select_related("meter").order_by("-installed_at", "-pk")
    )
    return {
        "point": point, "name": place_name(point), "form": form, "standing": standing, "past": past,
        "crumbs": point_crumbs(request, point, (_("Meter exchange"), "")), "zone": point_zone(point),
        "may_undo": not undo_refusal(point),
    }  # fmt: skip


@require_POST
@requires(Permission.REVIEW_READINGS)
def meter_exchange_undo(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    try:
        exchange_undo(actor=request.actor, point=point)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The exchange is taken back."))
    return redirect("meter_exchange", slug, point.public_id)
