"""Background work of the building: publications."""

from __future__ import annotations

import uuid

from accounts.jobs import job_handler
from accounts.models import Job
from accounts.tenancy import tenant_scope
from servers.models import Publication
from servers.services import publication


@job_handler(publication.JOB)
def publication_job(job: Job) -> None:
    assert job.programme_id is not None
    public_id = uuid.UUID(job.ref)
    queued, running = Publication.State.QUEUED, Publication.State.RUNNING
    with tenant_scope(job.programme_id):  # a scope of its own, so that a page sees it running
        Publication.objects.filter(public_id=public_id, state=queued).update(state=running)
    with tenant_scope(job.programme_id):
        publication.publication_run(public_id=public_id)
