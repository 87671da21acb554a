"""A contract's money: balance, charges by metering point, tariffs, bills."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.models import Contract
from accounts.tables import table_kind, table_response
from readings.contract_cards import point_cards, points_retired
from readings.crumbs import crumbs
from readings.desk.looks import contract_look
from readings.doors import access_bill, access_charge, access_contract
from readings.statements.bills import bill_number, bill_order, bill_pdf
from readings.statements.page import (
    balance_context,
    charge_context,
    charges_context,
    charges_table,
    month_choice,
    tabs_of,
    tariffs_context,
)
from readings.views.contracts import SEE


def contract_page(
    request: ProgrammeRequest, contract: Contract, name: str, *, template: str = "", **context: Any
) -> HttpResponse:
    """Each page of a contract has its head, its tabs and its actions."""
    contract_look(request.actor, contract)
    request.nav_name = "contract_list"
    context |= {
        "contract": contract,
        "tabs": tabs_of(request, contract, name),
        "own": contract.claims.filter(user=request.actor.user, removed_at=None).exists(),
        "desk": request.actor.may(Permission.MANAGE_CONTRACTS),
        "crumbs": crumbs(request, (contract.number, "")),
    }
    return render(request, f"readings/{template or name}.html", context)


@require_GET
@requires(*SEE)
def contract_detail(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    contract = access_contract(request.actor, public_id)
    context = balance_context(request, contract)
    if kind := table_kind(request.GET):
        contract_look(request.actor, contract)
        header, rows = context["table"]
        name = f"{contract.number} {_('Balance')} {context['month']:%Y-%m}"
        return table_response(rows, name=name, header=header, kind=kind)
    return contract_page(request, contract, "contract_detail", **context)


@require_GET
@requires(*SEE)
def contract_meters(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    return _cards(request, access_contract(request.actor, public_id), "contract_meters", heat=False)


@require_GET
@requires(*SEE)
def contract_heat_meters(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    return _cards(request, access_contract(request.actor, public_id), "contract_heat_meters", heat=True)


def _cards(request: ProgrammeRequest, contract: Contract, name: str, *, heat: bool) -> HttpResponse:
    context = {
        "cards": point_cards(contract, heat=heat), "retired": points_retired(contract, heat=heat), "heat": heat
    }  # fmt: skip
    return contract_page(request, contract, name, template="contract_cards", **context)


@require_GET
@requires(*SEE)
def contract_charges(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    contract = access_contract(request.actor, public_id)
    context = charges_context(request, contract)
    if kind := table_kind(request.GET):
        contract_look(request.actor, contract)
        header, rows = charges_table(context["rows"])
        name = f"{contract.number} {_('Charges')} {context['month']:%Y-%m}"
        return table_response(rows, name=name, header=header, kind=kind)
    return contract_page(request, contract, "contract_charges", **context)


@require_GET
@requires(*SEE)
def contract_tariffs(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    contract = access_contract(request.actor, public_id)
    return contract_page(request, contract, "contract_tariffs", **tariffs_context(request, contract))


@require_GET
@requires(*SEE)
def charge_detail(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    entry = access_charge(request.actor, public_id)
    request.nav_name = "contract_list"
    url = reverse("contract_charges", args=[slug, entry.contract.public_id]) + f"?month={entry.month:%Y-%m}"
    context = charge_context(request, entry)
    trail = crumbs(request, (entry.contract.number, url), (str(entry.point), ""))
    return render(request, "readings/charge_detail.html", context | {"crumbs": trail, "back": url})


@require_POST
@requires(*SEE)
def bill_create(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    """The bill of the month goes to the person's own address and lies here for download."""
    contract = access_contract(request.actor, public_id)
    wanted = request.POST.get("month", "")
    month, _months = month_choice(request, contract, wanted)
    if wanted and wanted != f"{month:%Y-%m}":
        messages.error(request, _("This contract has no such month. No bill was ordered."))
        return redirect("contract_detail", slug, contract.public_id)
    _bill, created = bill_order(
        actor=request.actor, contract=contract, month=month, language=get_language() or "ru"
    )
    text = _("The bill is being made. It comes by mail to %(email)s and lies here for download.")
    text = text if created else _("This bill was ordered already; it was mailed to %(email)s.")
    messages.success(request, text % {"email": request.user.email})
    response = redirect("contract_detail", slug, contract.public_id)
    response["Location"] += f"?month={month:%Y-%m}"
    return response


@require_GET
@requires(*SEE)
def bill_download(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    bill = access_bill(request.actor, public_id)
    if bill.made_at is None:
        messages.info(request, _("The bill is being made. Look again in a moment."))
        return redirect("contract_detail", slug, bill.contract.public_id)
    response = HttpResponse(bill_pdf(bill, get_language() or "ru"), content_type="application/pdf")
    response["Content-Disposition"] = (
        content_disposition_header(True, f"bill-{bill_number(bill)}.pdf") or "attachment"
    )
    return response
