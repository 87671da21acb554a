"""Applications: the consumer's form and list, the department's queue and answer, the console's settings file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.lists import ListAsked
from accounts.models import Contract
from accounts.tables import table_kind, table_response
from readings.applications import prefill
from readings.applications.doors import access_application, visible_applications
from readings.applications.forms import ApplicationForm, AssignForm, ChosenForm, RefuseForm, SettingsFileForm
from readings.applications.page import (
    APPLICATION_ORDER,
    application_chip,
    applications_table,
    console_points,
    queue_seg,
    state_chosen,
)
from readings.applications.services import (
    application_assign,
    application_refuse,
    application_send,
    application_withdraw,
    meters_known_as,
    number_offered,
)
from readings.applications.settings_file import FILE_NAME, settings_bytes
from readings.crumbs import crumbs, desk_crumbs
from readings.desk.tabs import desk_tabs
from readings.doors import access_contract
from readings.models import NumberApplication
from readings.views.contracts import SEE

State = NumberApplication.State


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_OWN_CONTRACTS)
def application_new(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    contract = access_contract(request.actor, public_id)
    request.nav_name = "contract_list"
    form = ApplicationForm(posted(request), contract=contract)
    if request.method == "POST" and form.is_valid():
        try:
            made = application_send(actor=request.actor, contract=contract, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The application was sent to the metering department."))
            return redirect("application_detail", slug, made.public_id)
    back = (contract.number, reverse("contract_detail", args=[slug, contract.public_id]))
    context = {"form": form, "contract": contract, "crumbs": crumbs(request, back, (_("Application"), ""))}
    return form_page(request, "readings/applications/new.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_OWN_CONTRACTS)
def application_prefill(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    """A settings file is looked at; with `plan` the chosen points of it are applied for."""
    contract = access_contract(request.actor, public_id)
    request.nav_name = "contract_list"
    if "plan" in request.POST:
        return _applied(request, contract)
    form = SettingsFileForm(posted(request), request.FILES or None)
    found: list[prefill.Found] = []
    if request.method == "POST" and form.is_valid():
        try:
            found = prefill.points_found(request.actor, contract, form.cleaned_data["file"])
        except DomainError as error:
            form.add_error("file", str(error))
    back = (contract.number, reverse("contract_detail", args=[slug, contract.public_id]))
    context = {
        "form": form, "contract": contract, "rows": prefill.found_rows(found),
        "any_new": any(one.verdict == prefill.NEW for one in found),
        "signed": prefill.found_signed(request.actor, contract, found) if found else "",
        "crumbs": crumbs(request, back, (_("Settings file"), "")),
    }  # fmt: skip
    return form_page(request, "readings/applications/prefill.html", context)


def _applied(request: ProgrammeRequest, contract: Contract) -> HttpResponse:
    form = ChosenForm(request.POST)
    form.is_valid()
    try:
        sent = prefill.applications_send(
            actor=request.actor, contract=contract, signed=request.POST["plan"], chosen=request.POST.getlist("chosen"),
            organisation=form.cleaned_data.get("organisation", ""),
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("application_prefill", request.programme.slug, contract.public_id)
    text = ngettext("%(count)s application was sent.", "%(count)s applications were sent.", len(sent))
    messages.success(request, text % {"count": len(sent)})
    return redirect("application_list", request.programme.slug)


@require_GET
@requires(*SEE)
def application_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    desk = request.actor.may(Permission.MANAGE_CONTRACTS)
    rows = visible_applications(request.actor)
    chosen = state_chosen(request.GET.get("state", ""), default=State.WAITING if desk else "")
    shown = rows.filter(state=chosen) if chosen else rows
    # the queue is worked off from its head; what is decided is looked for from its end
    ordered = (
        shown.order_by("created_at", "pk")
        if chosen == State.WAITING
        else shown.order_by("-created_at", "-pk")
    )
    asked = ListAsked.of(request.GET, APPLICATION_ORDER, keep={"state": chosen or "all"})
    ordered = asked.ordered(ordered, APPLICATION_ORDER)
    if kind := table_kind(request.GET):
        header, table = applications_table(ordered)
        return table_response(table, name=_("Applications"), header=header, kind=kind)
    listed = asked.context(ordered)
    tabs = desk_tabs(request, "application_list") if desk else []
    context: dict[str, Any] = {
        **listed, "rows": [{"one": one, "chip": application_chip(one)} for one in listed["page"]],
        "seg": queue_seg(rows, chosen), "desk": desk, "tabs": tabs,
        "zone": request.programme.time_zone, "crumbs": [] if desk else crumbs(request, (_("Applications"), "")),
    }  # fmt: skip
    return render(request, "readings/applications/list.html", context)


@require_GET
@requires(*SEE)
def application_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    return _detail(request, access_application(request.actor, public_id))


def _detail(
    request: ProgrammeRequest, one: NumberApplication, assign: AssignForm | None = None,
    refuse: RefuseForm | None = None,
) -> HttpResponse:  # fmt: skip
    desk = request.actor.may(Permission.MANAGE_CONTRACTS)
    answering = desk and one.state == State.WAITING
    if desk:
        request.nav_name = "desk_home"
    here = (_("Applications"), reverse("application_list", args=[request.programme.slug]))
    wrong = any(form is not None and form.errors for form in (assign, refuse))
    context: dict[str, Any] = {
        "one": one, "chip": application_chip(one), "desk": desk, "answering": answering,
        "own": one.applicant_id == request.user.pk, "zone": request.programme.time_zone,
        "assign": assign or AssignForm(initial={"number": number_offered()}) if answering else None,
        "refuse": refuse or RefuseForm() if answering else None,
        "known": meters_known_as(one.serial) if answering else [],
        "crumbs": (desk_crumbs if desk else crumbs)(request, here, (one.name, "")),
    }  # fmt: skip
    return form_page(request, "readings/applications/detail.html", context, status=422 if wrong else 200)


@require_POST
@requires(Permission.MANAGE_CONTRACTS)
def application_number(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    one = access_application(request.actor, public_id)
    form = AssignForm(request.POST)
    if form.is_valid():
        try:
            point = application_assign(actor=request.actor, application=one, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            said = _("Number %(number)s is assigned; the consumer gets a mail.")
            messages.success(request, said % {"number": point.number})
            return redirect("application_detail", slug, one.public_id)
    return _detail(request, one, assign=form)


@require_POST
@requires(Permission.MANAGE_CONTRACTS)
def application_refusal(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    one = access_application(request.actor, public_id)
    form = RefuseForm(request.POST)
    if form.is_valid():
        try:
            application_refuse(actor=request.actor, application=one, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("The application is refused; the consumer gets a mail with the reason.")
            )
            return redirect("application_detail", slug, one.public_id)
    return _detail(request, one, refuse=form)


@require_POST
@requires(Permission.SEE_OWN_CONTRACTS)
def application_take_back(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    one = access_application(request.actor, public_id)
    try:
        application_withdraw(actor=request.actor, application=one)
        messages.success(request, _("The application is withdrawn."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("application_detail", slug, one.public_id)


@require_GET
@requires(*SEE)
def console_settings(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    """All metering points of a contract that have a number, as the field console reads them."""
    contract = access_contract(request.actor, public_id)
    response = HttpResponse(settings_bytes(console_points(contract)), content_type="application/xml")
    response["Content-Disposition"] = content_disposition_header(True, FILE_NAME) or ""
    return response
