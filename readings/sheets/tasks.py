"""The month's sheets: beat asks, a job looks at each programme, a job makes each sheet. The rows are the truth."""

from __future__ import annotations

from datetime import date

from celery import shared_task
from django.utils import timezone

from accounts.jobs import Queue, fresh_connections, job_enqueue, job_handler
from accounts.models import Job, Programme
from accounts.tenancy import tenant_scope
from readings.sheets.sending import month_due, sheet_make, sheets_start
from servers.models import Occupancy


@shared_task(name="readings.ask_for_sheets", ignore_result=True)
def ask_for_sheets() -> None:
    fresh_connections()
    job_enqueue(kind="sheets_due", key="sheets_due")


@job_handler("sheets_due")
def sheets_due(job: Job) -> None:
    """A job a housing programme whose last month is over: it finds out itself what is still to be made."""
    now = timezone.now()
    programmes = Programme.objects.filter(kind=Programme.Kind.HOUSING, activated_at__isnull=False)
    for programme in programmes:
        month = month_due(now, programme)
        if month is not None:
            job_enqueue(
                kind="sheets",
                programme_id=programme.pk,
                ref=month.isoformat(),
                key=f"sheets:{programme.pk}:{month}",
            )


@job_handler("sheets", lease_seconds=120, queue=Queue.REPORTS)
def sheets(job: Job) -> None:
    assert job.programme_id is not None
    programme = Programme.objects.get(pk=job.programme_id)
    with tenant_scope(programme.pk):
        sheets_start(programme=programme, month=date.fromisoformat(job.ref))


@job_handler("sheet", lease_seconds=120, queue=Queue.REPORTS)
def sheet(job: Job) -> None:
    assert job.programme_id is not None
    occupancy, _colon, month = job.ref.partition(":")
    with tenant_scope(job.programme_id):
        row = Occupancy.objects.select_related("dwelling__building", "user", "programme").filter(
            pk=int(occupancy)
        )
        found = row.first()
        if found is not None:  # a stay that was removed meanwhile gets none
            sheet_make(occupancy=found, month=date.fromisoformat(month))
