"""The list of files sent: what a person may see of it, by state and parcel."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Permission, ProgrammeRequest
from readings.doors import visible_import_jobs
from readings.import_page import state_chip
from readings.models import ImportJob
from readings.services.imports import DONE, OPEN, WAITING

PER_PAGE = 30
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


def _chosen(request: ProgrammeRequest) -> tuple[QuerySet[ImportJob], uuid.UUID | None, str]:
    """The files that the address asks for, the parcel and the state."""
    parcel = _parcel(request)
    rows = visible_import_jobs(request.actor).order_by("-pk")
    if parcel is not None:
        rows = rows.filter(parcel=parcel).order_by("pk")
    chosen, states = request.GET.get("state", ""), _states()
    if chosen in states:
        rows = rows.filter(state__in=states[chosen][1])
    return rows, parcel, chosen


def list_context(request: ProgrammeRequest) -> dict[str, Any]:
    rows, parcel, chosen = _chosen(request)
    states = _states()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    query = {name: value for name, value in (("state", chosen), ("parcel", parcel or "")) if value}
    return {
        "parcel": parcel,
        "waits": parcel is not None and rows.filter(state__in=WAITING).exists(),
        "page": page,
        "rows": [{"job": job, "chip": state_chip(job)} for job in page],
        "query": urlencode(query),
        "seg": [
            {"label": label, "url": f"?{urlencode({'state': key})}" if key else "?", "current": key == chosen}
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
