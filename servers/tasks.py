"""Background work of the building: publications, and the watch over its servers."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from accounts.jobs import fresh_connections, job_handler
from accounts.models import Job
from accounts.tenancy import no_scope, tenant_scope
from servers.models import Publication
from servers.services import publication
from servers.services.watch import all_servers_watch


@job_handler(publication.JOB)
def publication_job(job: Job) -> None:
    assert job.programme_id is not None
    public_id = uuid.UUID(job.ref)
    queued, running = Publication.State.QUEUED, Publication.State.RUNNING
    with tenant_scope(job.programme_id):  # a scope of its own, so that a page sees it running
        Publication.objects.filter(public_id=public_id, state=queued).update(state=running)
    with tenant_scope(job.programme_id):
        publication.publication_run(public_id=public_id)


@shared_task(name="servers.watch", ignore_result=True)
def watch() -> None:
    """Each minute, by beat. No job's row: what was told stands with the server, and a lost minute costs a minute."""
    fresh_connections()
    try:
        with no_scope():
            all_servers_watch(now=timezone.now())
    finally:
        fresh_connections()
