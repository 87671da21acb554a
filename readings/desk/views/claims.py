"""Who holds which contract, since when; and ending that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.lists import ListAsked
from accounts.tables import KINDS, table_response
from readings.crumbs import desk_crumbs
from readings.desk import claims as desk
from readings.desk.tabs import desk_tabs
from readings.doors import access_contract


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def claim_list(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    choices = {
        desk.OPEN: pgettext("claims", "Standing"),
        desk.ENDED: pgettext("claims", "Ended"),
        desk.ALL: _("All"),
    }
    which = request.GET.get("which", "")
    which = which if which in choices else desk.OPEN
    asked = ListAsked.of(request.GET, desk.CLAIM_ORDER, keep={"which": which})
    rows = desk.claims_found(which, asked)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header = [_("Contract number"), _("Holder"), _("Person"), _("E-mail"), _("Since"), _("Ended")]
        return table_response(desk.claim_rows(rows), name=_("Claims"), header=header, kind=kind)
    seg = [
        {"label": label, "url": f"?{asked.query(which=key)}", "current": key == which}
        for key, label in choices.items()
    ]
    context: dict[str, Any] = {
        **asked.context(rows), "seg": seg, "tabs": desk_tabs(request, "claim_list"), "zone": request.programme.time_zone,
    }  # fmt: skip
    return render(request, "readings/desk/claims.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def claim_end(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    """`person` names whose claim on the contract ends; a GET asks first, or shows who holds it."""
    contract = access_contract(request.actor, public_id)
    given = request.POST if request.method == "POST" else request.GET
    claim = desk.claim_open(contract, given["person"]) if "person" in given else None
    if request.method == "POST" and claim is not None:
        desk.claim_end(actor=request.actor, claim=claim)
        said = _("%(person)s no longer sees contract %(number)s.")
        messages.success(request, said % {"person": claim.user, "number": contract.number})
        return redirect("claim_list", slug)
    request.nav_name = "desk_home"
    back = reverse("claim_list", args=[slug])
    context: dict[str, Any] = {
        "claim": claim, "contract": contract, "list_url": back, "holders": desk.holders_of(contract),
        "fields": [{"name": "person", "value": claim.user.public_id}] if claim else [],
        "crumbs": desk_crumbs(request, (_("Claims"), back), (contract.number, "")),
    }  # fmt: skip
    return render(request, "readings/desk/claim_end.html", context)
