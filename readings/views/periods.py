"""The utility's desk: closing months, opening the last one again, taking in statement lines and payments."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.lists import ListAsked
from accounts.tables import table_kind, table_response
from accounts.templatetags.releve import local_month
from readings.doors import access_closing
from readings.models import StatementImport
from readings.statements.cells import month_of_text
from readings.statements.closing import period_close, period_reopen
from readings.statements.desk import (
    CloseForm,
    ReopenForm,
    StatementFileForm,
    closings_table,
    periods_context,
)
from readings.statements.importing import FaultyTable, statements_import
from readings.statements.table import FAULTS_SHOWN

MOST_BYTES = 20_000_000
LISTED = 20
IMPORT_ORDER = {"file": ("file_name",), "sent": ("created_at",), "lines": ("lines",), "added": ("added",)}


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def period_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    if kind := table_kind(request.GET):
        header, rows = closings_table(request.programme.currency)
        return table_response(rows, name=_("Closed months"), header=header, kind=kind)
    form = CloseForm(initial={"fill": request.GET.get("fill", "none")})
    return form_page(request, "readings/period_list.html", periods_context(request, form))


@require_POST
@requires(Permission.MANAGE_CONTRACTS)
def period_shut(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = CloseForm(request.POST)
    month: date | None = month_of_text(request.POST.get("month", ""))
    if form.is_valid():
        try:
            if month is None:
                raise DomainError("no_month", _("Choose the month to close."))
            period_close(actor=request.actor, month=month, fill=form.cleaned_data["fill"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                _("%(month)s is closed. Its charges are being booked.") % {"month": local_month(month)},
            )
            return redirect("period_list", slug)
    return form_page(request, "readings/period_list.html", periods_context(request, form))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def period_open_again(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    closing = access_closing(request.actor, public_id)
    request.nav_name = "period_list"
    form = ReopenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            period_reopen(actor=request.actor, closing=closing, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            messages.success(request, _("%(month)s is open again.") % {"month": local_month(closing.month)})
            return redirect("period_list", slug)
    context = {"closing": closing, "form": form}
    return form_page(request, "readings/period_reopen.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def statement_import(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """CSV or XLSX, all of it or nothing; each wrong line is named."""
    request.nav_name = "period_list"
    form = StatementFileForm(posted(request), request.FILES or None)
    faults = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            taken, new = statements_import(
                actor=request.actor, content=file.read(MOST_BYTES + 1), name=file.name
            )
        except DomainError as error:
            form.add_error("file", str(error))
            faults = error.faults if isinstance(error, FaultyTable) else []
        else:
            _tell(request, taken, new)
            return redirect("statement_import", slug)
    context = {
        "form": form, "faults": faults[:FAULTS_SHOWN], "more": max(0, len(faults) - FAULTS_SHOWN),
        **_taken_in(request),
    }  # fmt: skip
    return form_page(request, "readings/statement_import.html", context)


def _taken_in(request: ProgrammeRequest) -> dict[str, Any]:
    asked = ListAsked.of(request.GET, IMPORT_ORDER)
    rows = StatementImport.objects.select_related("uploaded_by").order_by("-pk")
    return asked.context(asked.ordered(rows, IMPORT_ORDER), LISTED)


def _tell(request: ProgrammeRequest, taken: StatementImport, new: bool) -> None:
    if not new:
        messages.info(request, _("This very file was taken in before; nothing was added."))
        return
    text = ngettext("%(count)s amount was added.", "%(count)s amounts were added.", taken.added)
    messages.success(request, text % {"count": taken.added})
