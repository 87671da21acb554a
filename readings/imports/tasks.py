"""The import of one file, as work that takes time. The handler opens its own scope and may run more than once."""

from __future__ import annotations

from accounts.jobs import Queue, job_handler
from accounts.models import Job, Programme
from accounts.tenancy import tenant_scope
from readings.imports.services import import_refuse
from readings.imports.work import import_run
from readings.models import ImportJob
from readings.tabular.work import table_run

IMPORT_STARTS = 3


@job_handler("import_archive", lease_seconds=120, max_starts=IMPORT_STARTS, queue=Queue.IMPORTS)
def import_archive(job: Job) -> None:
    assert job.programme_id is not None
    programme = Programme.objects.get(pk=job.programme_id)
    with tenant_scope(programme.pk):
        format = ImportJob.objects.values_list("format", flat=True).get(pk=int(job.ref))
    run = table_run if format == ImportJob.Format.TABLE else import_run
    try:
        run(programme=programme, job_id=int(job.ref))
    except Exception:
        if job.attempts >= IMPORT_STARTS:
            with tenant_scope(programme.pk):
                import_refuse(job=ImportJob.objects.get(pk=int(job.ref)), code="internal")
        raise
