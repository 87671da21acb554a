"""Beat asks each hour; a job looks at each programme in which somebody asked for hints."""

from __future__ import annotations

from celery import shared_task

from accounts.jobs import Queue, fresh_connections, job_enqueue, job_handler
from accounts.models import Job, Programme
from accounts.tenancy import tenant_scope
from readings.hints.services import hints_send


@shared_task(name="readings.ask_for_hints", ignore_result=True)
def ask_for_hints() -> None:
    fresh_connections()
    job_enqueue(kind="hints_due", key="hints_due")


@job_handler("hints_due")
def hints_due(job: Job) -> None:
    for programme in Programme.objects.filter(kind=Programme.Kind.HOUSING, activated_at__isnull=False):
        job_enqueue(kind="hints", programme_id=programme.pk, key=f"hints:{programme.pk}")


@job_handler("hints", lease_seconds=300, queue=Queue.REPORTS)
def hints(job: Job) -> None:
    assert job.programme_id is not None
    programme = Programme.objects.get(pk=job.programme_id)
    with tenant_scope(programme.pk):
        hints_send(programme=programme)
