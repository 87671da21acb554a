"""Work of the readings app that takes time. Handlers open their own scope and may run more than once."""

from __future__ import annotations

from accounts.jobs import job_handler
from accounts.models import Job, Programme
from accounts.tenancy import tenant_scope
from readings.models import ImportJob
from readings.services.imports import import_refuse, import_run

IMPORT_STARTS = 3


@job_handler("import_archive", lease_seconds=120, max_starts=IMPORT_STARTS)
def import_archive(job: Job) -> None:
    assert job.programme_id is not None
    programme = Programme.objects.get(pk=job.programme_id)
    try:
        import_run(programme=programme, job_id=int(job.ref))
    except Exception:
        if job.attempts >= IMPORT_STARTS:
            with tenant_scope(programme.pk):
                import_refuse(job=ImportJob.objects.get(pk=int(job.ref)), code="internal")
        raise
