"""A metering point: its archive, and the files that are sent for it."""

from __future__ import annotations

import csv

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import posted
from accounts.tables import table_response
from readings.archives.selectors import csv_rows, numbered
from readings.desk.looks import point_look
from readings.doors import visible_import_jobs
from readings.forms import UploadForm
from readings.imports.profile import profile_in_force, replacing_allowed
from readings.point_page import export_bounds, point_context
from readings.views.contracts import SEE
from readings.views.parcels import files_send, sent_to
from servers.doors import access_point
from servers.models import MeteringPoint


@require_GET
@requires(*SEE)
def point_detail(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    point_look(request.actor, point)
    return _point_page(request, point, upload_form(request))


def upload_form(request: ProgrammeRequest) -> UploadForm:
    may_replace = replacing_allowed(request.actor, profile_in_force())
    return UploadForm(posted(request), request.FILES or None, may_replace=may_replace)


def _point_page(
    request: ProgrammeRequest, point: MeteringPoint, form: UploadForm, status: int = 200
) -> HttpResponse:
    jobs = visible_import_jobs(request.actor).filter(point=point).order_by("-pk")
    context = point_context(request, point, jobs) | {"form": form}
    return render(request, "readings/archive_point.html", context, status=status)


@require_POST
@requires(Permission.UPLOAD_ARCHIVES)
def archive_upload(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """One or several files for this point. One file without a fault is stored at once (`import_run`)."""
    point = access_point(request.actor, public_id)
    may_replace = replacing_allowed(request.actor, profile_in_force())
    form = UploadForm(request.POST, request.FILES, may_replace=may_replace)
    if point.retired_at is not None:
        form.add_error(None, _("This metering point is out of service: files for it are taken no more."))
    if form.is_valid():
        sent = files_send(request, form, point=point)
        if sent:
            return sent_to(request, sent)
    return _point_page(request, point, form, status=422)


@require_GET
@requires(*SEE)
def archive_export(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponseBase:
    point = access_point(request.actor, public_id)
    kind, start, end = export_bounds(point, request.GET)
    if request.GET.get("format") == "xlsx":
        header, *rows = csv_rows(point, kind, start, end)
        name = f"{point.number or 'point'}-{kind}"
        return table_response([numbered(row) for row in rows], name=name, header=header, kind="xlsx")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{point.number or 'point'}-{kind}.csv"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    csv.writer(response, lineterminator="\r\n").writerows(csv_rows(point, kind, start, end))
    return response
