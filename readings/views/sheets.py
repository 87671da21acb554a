"""The monthly sheets: a person's own, the operator's proof of sending, and the settings."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.services.audit import audit_record
from accounts.tables import KINDS, table_kind, table_response
from readings.doors import access_sheet, visible_sheets
from readings.sheets.document import sheet_pdf
from readings.sheets.figures import settings_of_programme
from readings.sheets.forms import SheetSettingsForm, initial_of
from readings.sheets.page import SheetPage, month_of
from readings.sheets.proof import MonthProof
from readings.sheets.sending import sheet_resend, sheet_settings_save
from readings.sheets.today import figures_today, has_changed

SEES_SHEETS = (Permission.SEE_OWN_HOME, Permission.SEE_CONSUMPTION)


@require_GET
@requires(Permission.SEE_OWN_HOME)
def home_sheets(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """A person's own, newest first."""
    rows = visible_sheets(request.actor).filter(user=request.user).order_by("-month", "dwelling__name")
    page = Paginator(rows, 24).get_page(request.GET.get("page"))
    return render(request, "readings/sheet_own.html", {"page": page})


@require_GET
@requires(*SEES_SHEETS)
def sheet_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    page = _opened(request, public_id)
    if kind := table_kind(request.GET):
        header, rows = page.table()
        return table_response(
            rows, name=f"{page.sheet.dwelling.name} {page.period.key}", header=header, kind=kind
        )
    request.nav_name = "home_sheets" if page.sheet.user_id == request.user.pk else "sheet_list"
    changed = has_changed(page.sheet.told, page.figures) if _wants_today(request) else None
    context = page.context()
    trail = [
        {"label": _("Monthly sheets"), "url": reverse(request.nav_name, args=[slug])},
        {"label": context["period_label"]},
    ]
    context |= {
        "shown": request.GET.get("as", ""),
        "changed": changed,
        "why_url": _why_url(request, page),
        "crumbs": trail,
    }
    return render(request, "readings/sheet_detail.html", context)


def _why_url(request: ProgrammeRequest, page: SheetPage) -> str:
    """Where the month's euros are taken apart, for the person whose sheet it is: their days and no others."""
    sheet = page.sheet
    if sheet.user_id != request.user.pk or not page.euros or not request.actor.may(Permission.SEE_OWN_HOME):
        return ""
    url = reverse("home_cost", args=[request.programme.slug])
    return f"{url}?period=month&at={page.period.key}&dwelling={sheet.dwelling.public_id}"


@require_GET
@requires(*SEES_SHEETS)
def sheet_download(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    page = _opened(request, public_id)
    response = HttpResponse(sheet_pdf(page, get_language() or "fr"), content_type="application/pdf")
    name = f"releve-{page.sheet.month:%Y-%m}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _opened(request: ProgrammeRequest, public_id: UUID) -> SheetPage:
    """An operator's look at somebody's sheet is recorded, as any look at their dwelling."""
    sheet = access_sheet(request.actor, public_id)
    if sheet.user_id != request.user.pk:
        audit_record(
            actor=request.actor, action="consumption.seen", target_kind="dwelling",
            target=str(sheet.dwelling.public_id), detail={"period": "month", "at": f"{sheet.month:%Y-%m}"},
        )  # fmt: skip
    if _wants_today(request):
        return SheetPage(sheet, request.programme, figures_today(sheet))
    return SheetPage(sheet, request.programme, sheet.figures if request.GET["as"] == "first" else sheet.told)


def _wants_today(request: ProgrammeRequest) -> bool:
    """The month as it stands now, unless the address asks for the sheet as it was sent: last, or first."""
    return request.GET.get("as") not in ("sent", "first")


@require_GET
@requires(Permission.SEE_CONSUMPTION)
def sheet_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """Who was sent which sheet, and when: the proof."""
    today = timezone.now().astimezone(request.programme.zone).date()
    proof = MonthProof(request.actor, month_of(request.GET.get("at", ""), today), today, request.GET)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, rows = proof.table()
        return table_response(
            rows, name=f"{gettext('Monthly sheets')} {proof.period.key}", header=header, kind=kind
        )
    return render(request, "readings/sheet_list.html", proof.context())


@require_POST
@requires(Permission.SEE_CONSUMPTION)
def sheet_send_again(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    sheet = access_sheet(request.actor, public_id)
    try:
        corrected = sheet_resend(actor=request.actor, sheet=sheet).corrected is not None
        said = _("The corrected sheet is on its way.") if corrected else _("The sheet is on its way again.")
        messages.success(request, said)
    except DomainError as error:
        messages.error(request, str(error))
    response = redirect("sheet_list", slug=slug)
    response["Location"] += f"?at={sheet.month:%Y-%m}"
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PARAMETERS)
def sheet_settings(request: ProgrammeRequest, slug: str) -> HttpResponse:
    request.nav_name = "sheet_list" if request.actor.may(Permission.SEE_CONSUMPTION) else "tariff_parameters"
    form = SheetSettingsForm(posted(request), initial=initial_of(settings_of_programme()))
    if request.method == "POST" and form.is_valid():
        sheet_settings_save(actor=request.actor, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("sheet_settings", slug=slug)
    return form_page(request, "readings/sheet_settings.html", {"form": form})
