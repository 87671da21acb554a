"""Personal accounts and contracts of a utility."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.lists import ListAsked
from accounts.services.contracts import contract_cities, contract_claim, contract_unclaim
from accounts.tables import table_kind, table_response
from accounts.views.common import client_address
from readings.contract_cards import CONTRACT_ORDER, contracts_found, contracts_table
from readings.crumbs import crumbs
from readings.doors import access_contract, visible_contracts
from readings.forms import ContractForm

SEE = (Permission.SEE_OWN_CONTRACTS, Permission.MANAGE_CONTRACTS)


@require_GET
@requires(*SEE)
def contract_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    desk = request.actor.may(Permission.MANAGE_CONTRACTS)
    asked = ListAsked.of(request.GET, CONTRACT_ORDER)
    asked = asked if desk else replace(asked, q="")
    rows = contracts_found(visible_contracts(request.actor), asked)
    if kind := table_kind(request.GET):
        header, table = contracts_table(rows)
        return table_response(table, name=_("Personal accounts and contracts"), header=header, kind=kind)
    context = {**asked.context(rows), "desk": desk, "crumbs": crumbs(request)}
    return render(request, "readings/contract_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_OWN_CONTRACTS)
def contract_add(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = ContractForm(posted(request), cities=contract_cities())
    if request.method == "POST" and form.is_valid():
        try:
            contract = contract_claim(
                actor=request.actor, address=client_address(request), **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(error.data.get("field"), str(error))
        else:
            messages.success(request, _("Contract %(number)s was added.") % {"number": contract.number})
            return redirect("contract_detail", slug, contract.public_id)
    context: dict[str, Any] = {"form": form, "crumbs": crumbs(request, (_("Add a contract"), ""))}
    return form_page(request, "readings/contract_add.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_OWN_CONTRACTS)
def contract_remove(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    contract = access_contract(request.actor, public_id)
    if request.method == "POST":
        contract_unclaim(actor=request.actor, contract=contract)
        messages.success(request, _("Contract %(number)s was removed.") % {"number": contract.number})
        return redirect("contract_list", slug)
    url = reverse("contract_detail", args=[slug, contract.public_id])
    context = {
        "contract": contract,
        "crumbs": crumbs(request, (contract.number, url), (_("Remove the contract"), "")),
    }
    return render(request, "readings/contract_remove.html", context)
