"""One import: its progress, its preview and a person's word about it, its report, receipt and undoing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page
from accounts.errors import DomainError
from accounts.services.audit import audit_record
from accounts.tables import table_kind, table_response
from readings.doors import access_import_job
from readings.imports.list import list_context, list_table
from readings.imports.page import import_context, issues_table, meter_warnings, points_shown, progress_context
from readings.imports.receipt import import_receipt
from readings.imports.services import (
    DONE,
    import_cancel,
    import_confirm,
    import_forward,
    import_tell,
)
from readings.imports.undo import import_undo
from readings.models import ImportJob
from readings.tabular.forms import TableForm
from readings.views.archives import upload_form
from readings.views.contracts import SEE
from readings.views.parcels import files_send, sent_to
from servers.doors import access_point

State = ImportJob.State


@require_http_methods(["GET", "POST"])
@requires(Permission.UPLOAD_ARCHIVES)
def upload_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """Files for any of the person's points, found by the numbers in them; and all that was sent before."""
    if kind := table_kind(request.GET):
        header, rows = list_table(request)
        return table_response(rows, name=_("Files sent"), header=header, kind=kind)
    if request.htmx and request.method == "GET":  # how the files stand, and nothing else
        return render(request, "readings/upload_rows.html", list_context(request))
    form = upload_form(request)
    if request.method == "POST" and form.is_valid():
        sent = files_send(request, form, point=None)
        if sent:
            return sent_to(request, sent)
    context = list_context(request) | {"form": form, "table_form": TableForm()}
    return form_page(request, "readings/upload_list.html", context)


@require_GET
@requires(*SEE)
def import_detail(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    job = access_import_job(request.actor, public_id)
    if job.state == State.MAPPING and request.actor.may(Permission.IMPORT_TABLES):
        return redirect("import_mapping", slug, job.public_id)
    if kind := table_kind(request.GET):
        header, rows = issues_table(job)
        return table_response(rows, name=f"{job.file_name} {_('Remarks')}", header=header, kind=kind)
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
def import_decide(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """The answer to the preview: keep, replace or cancel."""
    job = access_import_job(request.actor, public_id)
    answer = request.POST.get("answer", "")
    try:
        if answer == "cancel":
            import_cancel(actor=request.actor, job=job)
            messages.info(request, _("The file was not stored."))
        elif answer in ("keep", "replace"):
            import_confirm(actor=request.actor, job=job, replace=answer == "replace")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("import_detail", slug, job.public_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.UPLOAD_ARCHIVES)
def import_take_back(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    job = access_import_job(request.actor, public_id)
    if request.method == "GET":
        return render(request, "readings/import_take_back.html", import_context(request, job))
    try:
        if import_undo(actor=request.actor, job=job):
            messages.success(request, _("The file was taken back: everything stands as it did before it."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("import_detail", slug, job.public_id)


@require_http_methods(["GET", "POST"])
@requires(*SEE)
def import_receipt_sent(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """The receipt as PDF, or by mail to the person who asks for it."""
    job = access_import_job(request.actor, public_id)
    if job.state not in (*DONE, State.UNDONE):
        raise Http404
    if request.method == "GET":
        return _pdf(import_receipt(job, points_shown(request, job), meter_warnings(job)), job.receipt_number)
    import_tell(job, to=request.user)
    audit_record(
        actor=request.actor, action="archive.receipt_mailed", target_kind="import", target=str(job.public_id)
    )
    messages.success(request, _("The receipt is on its way to %(email)s.") % {"email": request.user.email})
    return redirect("import_detail", slug, job.public_id)


def _pdf(content: bytes, number: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    name = f"receipt-{number}.pdf"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
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
