"""Archives to take away, and two periods of one beside each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import FileResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.errors import DomainError
from accounts.services.audit import audit_record
from accounts.tables import KINDS, table_response
from readings import archives
from readings.desk.archives_out import archives_zip
from readings.desk.comparing import compare, compared_rows, decimal_text, signed_text
from readings.desk.forms import ArchivesForm
from readings.desk.tabs import desk_tabs
from readings.views.contracts import SEE, crumbs
from servers.doors import access_point


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def archives_export(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    today = timezone.now().astimezone(request.programme.zone).date()
    last = today.replace(day=1) - timedelta(days=1)
    initial = {"first": last.replace(day=1), "last": last, "kind": "hour", "format": "csv"}
    form = ArchivesForm(request.GET or None, initial=initial)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        try:
            file, _count = archives_zip(
                first=chosen["first"], last=chosen["last"], kind=chosen["kind"], form=chosen["format"]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            detail = {name: str(value) for name, value in chosen.items()}
            audit_record(
                actor=request.actor, action="archives.exported", target_kind="programme",
                target=str(request.programme.public_id), detail=detail,
            )  # fmt: skip
            name = f"archives_{chosen['first']}_{chosen['last']}_{chosen['kind']}.zip"
            return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    context = {"form": form, "tabs": desk_tabs(request, "archives_export")}
    return render(request, "readings/desk/archives.html", context, status=422 if form.errors else 200)


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
