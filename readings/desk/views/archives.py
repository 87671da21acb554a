"""Archives to take away, and two periods of one beside each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page
from accounts.errors import DomainError
from accounts.lists import ListAsked
from accounts.services.audit import audit_record
from accounts.tables import KINDS, table_response
from readings.archives import selectors as archives
from readings.crumbs import crumbs
from readings.desk.archives_out import archives_zip
from readings.desk.comparing import compare, compared_rows, decimal_text, signed_text
from readings.desk.forms import ArchivesForm
from readings.desk.parcels import (
    LISTED,
    PARCEL_ORDER,
    access_parcel,
    parcel_order,
    parcel_rows,
    parcels_listed,
)
from readings.desk.tabs import desk_tabs
from readings.models import ArchivesParcel
from readings.views.contracts import SEE
from servers.doors import access_point


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def archives_export(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    """A GET that chooses a period is the ZIP itself; a POST has it made by a worker."""
    if request.htmx:  # asks how the ordered ones stand, and for nothing else
        return render(request, "readings/desk/parcels.html", _ordered(request))
    form = ArchivesForm(request.POST or request.GET or None, initial=_last_month(request))
    if form.is_bound and form.is_valid():
        chosen = {**form.cleaned_data, "form": form.cleaned_data["format"]}
        del chosen["format"]
        if request.method == "POST":
            _parcel, new = parcel_order(actor=request.actor, **chosen)
            messages.success(
                request, _("The ZIP is being made.") if new else _("This ZIP is being made already.")
            )
            return redirect("archives_export", slug)
        try:
            file, _count = archives_zip(**chosen)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _zip(request, file, chosen)
    context = {"form": form, "tabs": desk_tabs(request, "archives_export"), **_ordered(request)}
    return form_page(request, "readings/desk/archives.html", context)


def _ordered(request: ProgrammeRequest) -> dict[str, Any]:
    asked = ListAsked.of(request.GET, PARCEL_ORDER)
    listed = asked.context(parcels_listed(asked), LISTED)
    parcels = list(listed["page"])
    waits = any(one.state == ArchivesParcel.State.QUEUED for one in parcels)
    return {**listed, "parcels": parcel_rows(parcels), "waits": waits}


def _last_month(request: ProgrammeRequest) -> dict[str, Any]:
    last = timezone.now().astimezone(request.programme.zone).date().replace(day=1) - timedelta(days=1)
    return {"first": last.replace(day=1), "last": last, "kind": "hour", "format": "csv"}


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def parcel_download(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    parcel = access_parcel(request.actor, public_id)
    if not parcel.stored_as or not default_storage.exists(parcel.stored_as):
        raise Http404
    chosen = {name: getattr(parcel, name) for name in ("first", "last", "kind", "form")}
    return _zip(request, default_storage.open(parcel.stored_as, "rb"), chosen)


def _zip(request: ProgrammeRequest, file: Any, chosen: dict[str, Any]) -> FileResponse:
    audit_record(
        actor=request.actor, action="archives.exported", target_kind="programme",
        target=str(request.programme.public_id), detail={name: str(value) for name, value in chosen.items()},
    )  # fmt: skip
    name = f"archives_{chosen['first']}_{chosen['last']}_{chosen['kind']}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@require_GET
@requires(*SEE)
def archive_compare(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    point = access_point(request.actor, public_id)
    result = compare(point, archives.extents(point), request.GET)
    kind = request.GET.get("export", "")
    if kind in KINDS and result.pairs:
        head = f"{result.label}, {result.unit}"
        header = [_("First period"), head, _("Second period"), head, _("Difference"), _("Change, %")]
        name = f"{point.number or point.name} {_('Comparison')}"
        return table_response(compared_rows(result), name=name, header=header, kind=kind)
    rows = [
        {"pair": pair, "first": decimal_text(pair.first), "second": decimal_text(pair.second),
         "difference": signed_text(pair.difference)}
        for pair in ([*result.pairs, result.total] if result.total else result.pairs)
    ]  # fmt: skip
    back = reverse("point_detail", args=[slug, point.public_id])
    request.nav_name = "contract_list"
    context: dict[str, Any] = {
        "point": point, "result": result, "rows": rows, "form": result.form,
        "query": urlencode({name: result.form[name].value() or "" for name in result.form.fields}),
        "crumbs": crumbs(request, (point.number or point.name, back), (_("Comparison"), "")),
    }  # fmt: skip
    wrong = result.form.is_bound and bool(result.form.errors)
    return render(request, "readings/desk/compare.html", context, status=422 if wrong else 200)
