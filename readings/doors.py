"""The only doors to contracts and imports. A stranger, and a wrong id, get the same 404."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import Actor, Permission
from accounts.models import Contract
from readings.models import Bill, ImportJob, MonthlySheet, PeriodClosing, ReviewItem, StatementEntry
from servers.doors import in_buildings, visible_points

PublicId = uuid.UUID | str


def _one(rows: QuerySet[Any], public_id: PublicId) -> Any:
    try:
        return rows.get(public_id=uuid.UUID(str(public_id)))
    except (ValueError, rows.model.DoesNotExist):
        raise Http404 from None


def visible_contracts(actor: Actor) -> QuerySet[Contract]:
    """The utility's desk: all. A consumer: those that they have claimed."""
    if actor.may(Permission.MANAGE_CONTRACTS):
        return Contract.objects.all()
    if not actor.may(Permission.SEE_OWN_CONTRACTS):
        return Contract.objects.none()
    return Contract.objects.filter(claims__user=actor.user, claims__removed_at=None)


def visible_import_jobs(actor: Actor) -> QuerySet[ImportJob]:
    """The desk: all. A consumer: what they sent themselves, while the point is still theirs.

    Not what others sent for the same point: a file may name further points, and those are not theirs to see.
    """
    rows = ImportJob.objects.select_related("point", "uploaded_by")
    if actor.may(Permission.MANAGE_CONTRACTS):
        return rows
    own = rows.filter(uploaded_by=actor.user)
    return own.filter(point=None) | own.filter(point__in=visible_points(actor).values("pk"))


def access_contract(actor: Actor, public_id: PublicId) -> Contract:
    contract: Contract = _one(visible_contracts(actor), public_id)
    return contract


def access_import_job(actor: Actor, public_id: PublicId) -> ImportJob:
    job: ImportJob = _one(visible_import_jobs(actor), public_id)
    return job


def access_review_item(actor: Actor, public_id: PublicId) -> ReviewItem:
    from readings.review.page import visible_items  # the page's own selection, with all that it shows

    item: ReviewItem = _one(visible_items(actor), public_id)
    return item


def visible_sheets(actor: Actor) -> QuerySet[MonthlySheet]:
    """Operators: those of their buildings. Everybody: their own, also after they have moved out."""
    rows = MonthlySheet.objects.select_related("dwelling__building", "user")
    own = rows.filter(user=actor.user)
    if actor.may(Permission.SEE_CONSUMPTION):
        return own | in_buildings(actor, rows, "dwelling__building")
    return own


def access_sheet(actor: Actor, public_id: PublicId) -> MonthlySheet:
    sheet: MonthlySheet = _one(visible_sheets(actor), public_id)
    return sheet


def access_charge(actor: Actor, public_id: PublicId) -> StatementEntry:
    """A charge of a metering point, of a contract that is seen now; not of a closing that was opened again."""
    rows = StatementEntry.objects.filter(contract__in=visible_contracts(actor).values("pk")).exclude(
        point=None
    )
    entry: StatementEntry = _one(
        rows.filter(closing__reopened_at=None).select_related("contract", "point"), public_id
    )
    return entry


def access_bill(actor: Actor, public_id: PublicId) -> Bill:
    """Who ordered it, while the contract is theirs; the desk: all."""
    rows = Bill.objects.filter(contract__in=visible_contracts(actor).values("pk"))
    if not actor.may(Permission.MANAGE_CONTRACTS):
        rows = rows.filter(ordered_by=actor.user)
    bill: Bill = _one(rows.select_related("contract", "programme"), public_id)
    return bill


def access_closing(actor: Actor, public_id: PublicId) -> PeriodClosing:
    rows = PeriodClosing.objects.all()
    closing: PeriodClosing = _one(rows if actor.may(Permission.MANAGE_CONTRACTS) else rows.none(), public_id)
    return closing
