"""The list of files sent: what a person may see of it, by state and parcel."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Permission, ProgrammeRequest
from accounts.lists import ListAsked
from accounts.texts import holds
from readings.doors import visible_import_jobs
from readings.imports.page import state_chip
from readings.imports.services import DONE, OPEN, WAITING
from readings.models import ImportJob

PER_PAGE = 30
MOST_FOUND = 1000
FILE_ORDER = {
    "file": ("file_name",), "state": ("state",), "received": ("created_at",), "point": ("point__number",),
    "who": ("uploaded_by__name", "uploaded_by__email"), "receipt": ("receipt_number",),
}  # fmt: skip
EXPORT_MAX = 20_000
State = ImportJob.State


def list_table(request: ProgrammeRequest) -> tuple[list[str], list[list[Any]]]:
    """What the list shows, as header and rows to take away."""
    header = [
        _("File"), _("State"), _("Received"), _("Metering point"), _("Sent by"), _("Receipt"),
    ]  # fmt: skip
    desk = request.actor.may(Permission.MANAGE_CONTRACTS)
    return header, [
        [
            job.file_name, state_chip(job).label, job.created_at, job.point.number if job.point else "",
            str(job.uploaded_by or "") if desk else "", job.receipt_number,
        ]
        for job in _chosen(request)[0][:EXPORT_MAX]
    ]  # fmt: skip


def _chosen(request: ProgrammeRequest) -> tuple[QuerySet[ImportJob], ListAsked, uuid.UUID | None, str]:
    """The files that the address asks for, in which order, the parcel and the state."""
    parcel = _parcel(request)
    rows = visible_import_jobs(request.actor).order_by("-pk")
    if parcel is not None:
        rows = rows.filter(parcel=parcel).order_by("pk")
    chosen, states = request.GET.get("state", ""), _states()
    if chosen in states:
        rows = rows.filter(state__in=states[chosen][1])
    else:
        chosen = ""
    sorts = [key for key in FILE_ORDER if key != "who" or request.actor.may(Permission.MANAGE_CONTRACTS)]
    asked = ListAsked.of(request.GET, sorts, keep={"state": chosen, "parcel": parcel})
    if asked.q:  # folded here, since SQLite folds no Cyrillic
        texts = rows.values_list("pk", "file_name", "point__number", "receipt_number").iterator()
        found = [pk for pk, *words in texts if holds(" ".join(filter(None, words)), asked.q)]
        rows = rows.filter(pk__in=found[:MOST_FOUND])
    return asked.ordered(rows, FILE_ORDER), asked, parcel, chosen


def list_context(request: ProgrammeRequest) -> dict[str, Any]:
    rows, asked, parcel, chosen = _chosen(request)
    states, listed = _states(), asked.context(rows, PER_PAGE)
    return {
        **listed,
        "parcel": parcel,
        "waits": parcel is not None and rows.filter(state__in=WAITING).exists(),
        "rows": [{"job": job, "chip": state_chip(job)} for job in listed["page"]],
        "seg": [
            {"label": label, "url": f"?{asked.query(state=key)}", "current": key == chosen}
            for key, (label, _states_of) in {"": (_("All"), ()), **states}.items()
        ],
        "zone": request.programme.zone,
        "desk": request.actor.may(Permission.MANAGE_CONTRACTS),
        "may_tables": request.actor.may(Permission.IMPORT_TABLES),
    }


def _states() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        "open": (_("Waiting"), OPEN),
        "done": (pgettext("files", "Accepted"), DONE),
        "refused": (_("Refused"), (State.REFUSED,)),
        "undone": (_("Taken back"), (State.UNDONE, State.CANCELLED)),
    }


def _parcel(request: ProgrammeRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET.get("parcel", ""))
    except ValueError:
        return None
