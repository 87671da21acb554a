"""A metering point: its archive, what was uploaded for it, and the report of each upload."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.errors import DomainError
from readings.archives import csv_rows
from readings.doors import access_import_job, visible_import_jobs
from readings.forms import UploadForm
from readings.import_page import import_context, progress_context
from readings.models import ImportJob
from readings.point_page import export_bounds, point_context
from readings.services.imports import import_forward, import_upload
from readings.views.contracts import SEE
from servers.doors import access_point
from servers.models import MeteringPoint


@require_GET
@requires(*SEE)
def point_detail(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    return _point_page(request, point, UploadForm())


def _point_page(
    request: ProgrammeRequest, point: MeteringPoint, form: UploadForm, status: int = 200
) -> HttpResponse:
    jobs = visible_import_jobs(request.actor).filter(point=point).order_by("-pk")
    context = point_context(request, point, jobs) | {"form": form}
    return render(request, "readings/archive_point.html", context, status=status)


@require_POST
@requires(Permission.UPLOAD_ARCHIVES)
def archive_upload(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _point_page(request, point, form, status=422)
    try:
        job = import_upload(actor=request.actor, point=point, **form.cleaned_data)
    except DomainError as error:
        if error.code == "already_imported":
            messages.info(request, str(error))
            return redirect("import_detail", slug, error.data["job"])
        form.add_error("file", str(error))
        return _point_page(request, point, form, status=422)
    return redirect("import_detail", slug, job.public_id)


@require_GET
@requires(*SEE)
def archive_export(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    kind, start, end = export_bounds(point, request.GET)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{point.number or 'point'}-{kind}.csv"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    csv.writer(response, lineterminator="\r\n").writerows(csv_rows(point, kind, start, end))
    return response


@require_GET
@requires(*SEE)
def import_detail(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    job = access_import_job(request.actor, public_id)
    return render(request, "readings/import_detail.html", import_context(request, job))


@require_GET
@requires(*SEE)
def import_progress(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """The bar alone, for htmx; when the work is done the whole page is asked for again."""
    context = progress_context(request, access_import_job(request.actor, public_id))
    response = render(request, "readings/import_progress.html", context)
    if context["done"]:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@requires(Permission.UPLOAD_ARCHIVES)
def import_send_on(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """Give a file that was meant for another metering point to that one."""
    job: ImportJob = access_import_job(request.actor, public_id)
    point = access_point(request.actor, request.POST.get("point", ""))
    try:
        sent = import_forward(actor=request.actor, job=job, point=point)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("import_detail", slug, job.public_id)
    messages.info(request, _("The file was given to metering point %(number)s.") % {"number": point.number})
    return redirect("import_detail", slug, sent.public_id)
