"""A CSV or XLSX of index readings: uploaded, its columns chosen beside its first rows, then imported."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from readings.doors import access_import_job
from readings.imports.profile import profile_in_force, replacing_allowed
from readings.models import ImportJob
from readings.tabular.forms import MappingForm, TableForm
from readings.tabular.page import mapping_context
from readings.tabular.services import mapping_first, table_head, table_import, table_upload


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_TABLES)
def table_new(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = TableForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = table_upload(actor=request.actor, file=form.cleaned_data["file"])
        except DomainError as error:
            if error.code == "already_imported":
                messages.info(request, str(error))
                return redirect("import_detail", slug, error.data["job"])
            form.add_error("file", str(error))
        else:
            return redirect("import_mapping", slug, job.public_id)
    return form_page(request, "readings/table_new.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_TABLES)
def import_mapping(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    job = access_import_job(request.actor, public_id)
    if job.state != ImportJob.State.MAPPING:
        return redirect("import_detail", slug, job.public_id)
    head = table_head(job)
    form = MappingForm(
        posted(request), initial=mapping_first(head, request.actor).kept(), names=head.names,
        point_chosen=job.point is not None,
        may_replace=replacing_allowed(request.actor, profile_in_force()),
    )  # fmt: skip
    if form.is_valid() and "import" in request.POST:
        given = form.cleaned_data
        table_import(
            actor=request.actor, job=job, mapping=form.mapping(), name=given["name"],
            replace_values=given.get("replace", False),
        )  # fmt: skip
        return redirect("import_detail", slug, job.public_id)
    context = mapping_context(request, job, head, form)
    return form_page(request, "readings/import_mapping.html", context)
