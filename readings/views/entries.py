"""Readings typed by hand: the form with the previous values, the receipt, the correction of one's own."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from readings.crumbs import point_crumbs
from readings.hand_entry.correction import correction_check
from readings.hand_entry.doors import access_entry, visible_entries
from readings.hand_entry.forms import CorrectionForm, EntryForm
from readings.hand_entry.page import (
    LISTED,
    entry_form,
    entry_row,
    entry_rows,
    faults_show,
    warnings_show,
)
from readings.hand_entry.services import entry_check, entry_correct, entry_save
from readings.imports.receipt import entry_receipt
from readings.models import HandEntry
from readings.refusals import issue_sentence
from readings.tabular.cells import BadCell
from readings.tabular.places import counters_at
from servers.doors import access_point
from servers.models import MeteringPoint


@require_http_methods(["GET", "POST"])
@requires(Permission.ENTER_READINGS)
def entry_new(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    point = access_point(request.actor, public_id)
    try:
        counters, reason = counters_at(point, int(timezone.now().timestamp())), ""
    except BadCell as bad:
        counters, reason = [], issue_sentence(bad.code)
    form = entry_form(point, counters, posted(request))
    if request.method == "POST" and counters and form.is_valid():
        entries = _entered(request, point, form)
        if entries:
            return redirect("entry_detail", slug, entries[0].public_id)
    rows = visible_entries(request.actor).filter(register__installation__point=point).order_by("-pk")[:LISTED]
    context = {
        "point": point, "form": form, "reason": reason, "counters": counters, "rows": entry_rows(rows),
        "ask": bool(form.errors.get("confirmed")),
        "crumbs": point_crumbs(request, point, (_("Enter a reading"), "")),
    }  # fmt: skip
    return form_page(request, "readings/entry_new.html", context)


def _entered(request: ProgrammeRequest, point: MeteringPoint, form: EntryForm) -> list[HandEntry]:
    """The stored entries, or none: then the form says why."""
    at, token = form.cleaned_data["at"], form.cleaned_data["token"]
    given = list(visible_entries(request.actor).filter(token=token, entered_by=request.user).order_by("pk"))
    if given:  # the second click of a double one
        return given
    try:
        checked = entry_check(point=point, at=at, texts=form.texts)
        if checked.faults:
            faults_show(form, checked)
        elif checked.warnings and not form.cleaned_data["confirmed"]:
            warnings_show(form, checked)
        else:
            return entry_save(actor=request.actor, point=point, at=at, checked=checked, token=token)
    except DomainError as error:
        form.add_error(error.data.get("field"), str(error))
    return []


@require_GET
@requires(Permission.ENTER_READINGS)
def entry_detail(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    entry = access_entry(request.actor, public_id)
    rows = entry_rows(visible_entries(request.actor).filter(token=entry.token).order_by("pk"))
    context: dict[str, Any] = {
        "entry": entry, "rows": rows, "first": rows[0],
        "crumbs": point_crumbs(request, rows[0]["point"], (entry.receipt_number, "")),
        "open": not entry.corrected_by.exists(),
    }  # fmt: skip
    return render(request, "readings/entry_detail.html", context)


@require_GET
@requires(Permission.ENTER_READINGS)
def entry_pdf(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    entry = access_entry(request.actor, public_id)
    rows = [entry_row(one) for one in visible_entries(request.actor).filter(token=entry.token).order_by("pk")]
    response = HttpResponse(entry_receipt(rows), content_type="application/pdf")
    name = f"receipt-{entry.receipt_number}.pdf"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.ENTER_READINGS)
def entry_change(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    entry = access_entry(request.actor, public_id)
    form = CorrectionForm(posted(request), initial={"token": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            value, warnings = correction_check(entry, form)
            if not form.errors:
                made = entry_correct(
                    actor=request.actor, entry=entry, value=value, warnings=warnings,
                    reason=form.cleaned_data["reason"], token=form.cleaned_data["token"],
                )  # fmt: skip
                messages.success(request, _("The value was corrected; the first one stays in its history."))
                return redirect("entry_detail", slug, made.public_id)
        except DomainError as error:
            form.add_error(None, str(error))
    context = {
        "entry": entry,
        "row": entry_row(entry),
        "crumbs": point_crumbs(request, entry.register.installation.point, (_("Correct a reading"), "")),
        "form": form,
        "ask": bool(form.errors.get("confirmed")),
    }
    return form_page(request, "readings/entry_correct.html", context)
