"""The reminders' own task: beat asks each hour, a job a utility looks whether these are the days."""

from __future__ import annotations

from celery import shared_task

from accounts.jobs import Queue, fresh_connections, job_enqueue, job_handler
from accounts.models import Job, Programme
from accounts.tenancy import tenant_scope
from readings.desk.parcels import PARCEL, parcel_make
from readings.desk.reminders import period_to_remind, reminders_send


@shared_task(name="readings.ask_for_reminders", ignore_result=True)
def ask_for_reminders() -> None:
    fresh_connections()
    utilities = Programme.objects.filter(kind=Programme.Kind.UTILITY, activated_at__isnull=False)
    for pk in utilities.values_list("pk", flat=True):
        job_enqueue(kind="upload_reminders", programme_id=pk, key=f"upload_reminders:{pk}")


@job_handler("upload_reminders", lease_seconds=120, queue=Queue.REPORTS)
def upload_reminders(job: Job) -> None:
    assert job.programme_id is not None
    programme = Programme.objects.get(pk=job.programme_id)
    with tenant_scope(programme.pk):
        period = period_to_remind(programme)
        if period is not None:
            reminders_send(programme=programme, period=period)


@job_handler(PARCEL, lease_seconds=300, queue=Queue.REPORTS)
def make_parcel(job: Job) -> None:
    if job.programme_id is not None:
        with tenant_scope(job.programme_id):
            parcel_make(parcel_id=int(job.ref))
