"""The contracts of the utility: one at a time, or a list with phones, taken in with a look at every line first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.models import Contract
from accounts.tables import KINDS, table_read, table_response
from accounts.tables.lists import WRONG, Lines, lines_opened, lines_signed
from readings.crumbs import crumbs
from readings.desk import contract_lists as lists
from readings.desk.contracts import FIELDS, contract_create, contract_edit
from readings.desk.forms import ContractRecordForm, ListFileForm
from readings.desk.tabs import desk_tabs
from readings.doors import access_contract

WHAT = "contracts"
MOST_BYTES = 3_000_000
SHOWN = 300  # lines on the page, the wrong ones first


def verdicts() -> dict[str, tuple[str, str]]:
    return {
        lists.NEW: (pgettext("contract", "new"), "ok"), lists.SAME: (_("stands already"), "neutral"),
        lists.CHANGED: (_("changed"), "warn"), WRONG: (_("not possible"), "bad"),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def contract_import(request: ProgrammeRequest, slug: str) -> HttpResponse:
    if "plan" in request.POST:
        return _confirmed(request, slug)
    form = ListFileForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            table = table_read(file, file.name, max_rows=lists.MOST_LINES, max_bytes=MOST_BYTES)
            return _preview(request, lists.COLUMNS.lines(table), file.name)
        except DomainError as error:
            form.add_error("file", str(error))
    context = {**_about(request), "form": form}
    return form_page(request, "readings/desk/contract_import.html", context)


def _about(request: ProgrammeRequest) -> dict[str, Any]:
    columns = [{"label": label, "optional": name not in lists.NEEDED} for name, label in lists.LABELS.items()]
    return {"tabs": desk_tabs(request, "contract_import"), "columns": columns, "most": lists.MOST_LINES}


def _preview(request: ProgrammeRequest, lines: Lines, name: str) -> HttpResponse:
    plan = lists.plan_made(lines)
    words = verdicts()
    ordered = sorted(plan.lines, key=lambda line: (line.verdict != WRONG, line.number))
    rows = [
        {"line": line, "label": words[line.verdict][0], "kind": words[line.verdict][1],
         "changes": ", ".join(str(lists.LABELS[one]) for one in line.changes)}
        for line in ordered[:SHOWN]
    ]  # fmt: skip
    context = {
        **_about(request), "plan": plan, "rows": rows, "name": name, "more": len(plan.lines) - len(rows),
        **{verdict: plan.count(verdict) for verdict in words},
        "changing": plan.count(*lists.CHANGING), "signed": lines_signed(request.actor, WHAT, lines),
    }  # fmt: skip
    return render(request, "readings/desk/contract_preview.html", context)


def _confirmed(request: ProgrammeRequest, slug: str) -> HttpResponse:
    try:
        lines = lines_opened(request.actor, WHAT, request.POST["plan"])
        plan = lists.plan_apply(actor=request.actor, lines=lines)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("contract_import", slug)
    if plan.count(*lists.CHANGING):
        new, changed = plan.count(lists.NEW), plan.count(lists.CHANGED)
        said = ngettext("%(count)s contract added.", "%(count)s contracts added.", new) % {"count": new}
        more = ngettext("%(count)s contract changed.", "%(count)s contracts changed.", changed)
        messages.success(request, f"{said} {more % {'count': changed}}" if changed else said)
    else:
        messages.info(request, _("Nothing was changed: all lines stand already."))
    return redirect("contract_list", slug)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def contract_new(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = ContractRecordForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            contract = contract_create(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            messages.success(request, _("Contract %(number)s was made.") % {"number": contract.number})
            return redirect("contract_detail", slug, contract.public_id)
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def contract_change(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    contract = access_contract(request.actor, public_id)
    initial = {name: getattr(contract, name) for name in FIELDS}
    form = ContractRecordForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            contract_edit(actor=request.actor, contract=contract, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("contract_detail", slug, contract.public_id)
    return _form_page(request, form, Contract.objects.get(pk=contract.pk))


def _form_page(
    request: ProgrammeRequest, form: ContractRecordForm, contract: Contract | None
) -> HttpResponse:
    request.nav_name = "contract_list"
    slug = request.programme.slug
    one = [(contract.number, reverse("contract_detail", args=[slug, contract.public_id]))] if contract else []
    title = _("Edit the contract") if contract else _("New contract")
    context: dict[str, Any] = {
        "form": form, "title": title, "crumbs": crumbs(request, *one, (title, "")),
        "back": one[0][1] if one else reverse("contract_list", args=[slug]),
    }  # fmt: skip
    return form_page(request, "readings/desk/contract_form.html", context)


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def contract_export(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    """All contracts, with the columns that the import takes."""
    kind = request.GET.get("kind", "")
    header = [str(label) for label in lists.LABELS.values()]
    return table_response(
        lists.exported_rows(), name=_("Contracts"), header=header, kind=kind if kind in KINDS else "csv"
    )
