"""A ZIP of archives that is too big to wait for: ordered at the desk, made by a worker, kept for a week."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.access import Actor, Permission
from accounts.errors import DomainError
from accounts.jobs import job_enqueue
from accounts.lists import ListAsked
from accounts.replica import reports_from_replica
from accounts.services.audit import audit_record
from accounts.templatetags.releve import local_day
from readings.archives.parameters import KINDS
from readings.desk.archives_out import MOST_RECORDS, archives_zip, problem_text
from readings.models import ArchivesParcel

PARCEL = "archives_parcel"
KEPT = timedelta(days=7)
LISTED = 10  # a page
PARCEL_ORDER = {
    "days": ("first", "last"),
    "state": ("state",),
    "ordered": ("created_at",),
    "files": ("files",),
}
State = ArchivesParcel.State


@transaction.atomic
def parcel_order(
    *, actor: Actor, first: date, last: date, kind: str, form: str
) -> tuple[ArchivesParcel, bool]:
    """(the parcel, is it a new one). The same that still waits, or was made today, is not made again."""
    chosen = {"first": first, "last": last, "kind": kind, "form": form}
    waiting: ArchivesParcel | None = ArchivesParcel.objects.filter(state=State.QUEUED, **chosen).first()
    if waiting is not None:
        return waiting, False
    made: ArchivesParcel = ArchivesParcel.objects.create(ordered_by=actor.user, **chosen)
    job_enqueue(kind=PARCEL, programme_id=actor.programme.pk, ref=str(made.pk), key=f"{PARCEL}:{made.pk}")
    audit_record(
        actor=actor, action="archives.ordered", target_kind="programme", target=str(actor.programme.public_id),
        detail={name: str(value) for name, value in chosen.items()},
    )  # fmt: skip
    return made, True


def parcel_make(*, parcel_id: int) -> None:
    """The job, in scope. Done again it does nothing; a worker that was killed leaves no half file behind its row."""
    parcel = ArchivesParcel.objects.filter(pk=parcel_id, state=State.QUEUED).first()
    if parcel is None:
        return
    parcels_clear()
    try:
        with reports_from_replica():
            content, files = archives_zip(
                first=parcel.first, last=parcel.last, kind=parcel.kind, form=parcel.form, most=MOST_RECORDS
            )
    except DomainError as error:
        _settle(parcel, state=State.REFUSED, problem=error.code)
        return
    with content:
        size = content.seek(0, 2)
        content.seek(0)
        name = default_storage.save(f"archives/{parcel.programme_id}/{parcel.public_id}.zip", File(content))
    if not _settle(parcel, state=State.DONE, stored_as=name, size=size, files=files):
        default_storage.delete(name)


def _settle(parcel: ArchivesParcel, **fields: object) -> bool:
    rows = ArchivesParcel.objects.filter(pk=parcel.pk, state=State.QUEUED)
    return bool(rows.update(made_at=timezone.now(), **fields))


def parcels_clear() -> None:
    """Take the files away that lie there for longer than `KEPT`; that they were ordered stays known."""
    old = ArchivesParcel.objects.filter(made_at__lt=timezone.now() - KEPT).exclude(stored_as="")
    for parcel in old:
        default_storage.delete(parcel.stored_as)
        ArchivesParcel.objects.filter(pk=parcel.pk).update(stored_as="")


def parcels_listed(asked: ListAsked) -> QuerySet[ArchivesParcel]:
    """Those of the programme, whoever ordered them, the newest first where nothing else was asked."""
    rows = ArchivesParcel.objects.select_related("ordered_by").order_by("-created_at", "-pk")
    return asked.ordered(rows, PARCEL_ORDER)


def parcel_rows(parcels: list[ArchivesParcel]) -> list[dict[str, Any]]:
    kinds = {State.QUEUED: "warn", State.DONE: "ok", State.REFUSED: "bad"}
    return [
        {
            "parcel": one, "chip": {"kind": kinds[State(one.state)], "label": one.get_state_display()},
            "days": f"{local_day(one.first)} – {local_day(one.last)}", "kind": KINDS[one.kind],
            "form": {"csv": "CSV", "lers": "LERS XML"}[one.form],
            "problem": problem_text(one.problem) if one.problem else "",
        }
        for one in parcels
    ]  # fmt: skip


def access_parcel(actor: Actor, public_id: uuid.UUID) -> ArchivesParcel:
    """The desk's: everybody who may manage contracts sees all of them."""
    rows = ArchivesParcel.objects.filter(public_id=public_id)
    found: ArchivesParcel | None = rows.first() if actor.may(Permission.MANAGE_CONTRACTS) else None
    if found is None:
        raise Http404
    return found
