"""Work of the readings app that takes time. Handlers open their own scope and may run more than once."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from accounts.jobs import Queue, fresh_connections, job_enqueue, job_handler
from accounts.models import Job, Programme
from accounts.tenancy import tenant_scope
from readings.batches.parked import parked_replay
from readings.partitions.keeping import pieces_keep
from readings.review.archives import archive_review
from readings.review.frozen import frozen_review
from readings.services.forgetting import received_forget
from readings.totals.bands import bands_follow
from readings.totals.drain import totals_drain
from readings.totals.touches import totals_ring
from tariffs.bands import FOLLOW


@job_handler("totals", lease_seconds=120, queue=Queue.TOTALS)
def totals(job: Job) -> None:
    if job.programme_id is not None and totals_drain(programme_id=job.programme_id):
        # A batch may have rung for this very job and committed after it looked: it looks once more.
        totals_ring(programme_id=job.programme_id, after=timedelta(seconds=30))


@job_handler("parked_replay", lease_seconds=120, queue=Queue.TOTALS)
def replay_parked(job: Job) -> None:
    if job.programme_id is not None:
        parked_replay(programme_id=job.programme_id, server_id=int(job.ref))


@job_handler(FOLLOW, lease_seconds=300, queue=Queue.TOTALS)
def follow_bands(job: Job) -> None:
    """An option, its hours or a day's colour changed: the days that differ are divided anew."""
    if job.programme_id is not None:
        bands_follow(programme_id=job.programme_id)


@job_handler("review_archive", lease_seconds=300, queue=Queue.IMPORTS)
def review_archive(job: Job) -> None:
    if job.programme_id is not None:
        series, first, last = (int(part) for part in job.ref.split(":"))
        with tenant_scope(job.programme_id):
            archive_review(series_id=series, first=first, last=last)


@shared_task(name="readings.ask_for_nightly", ignore_result=True)
def ask_for_nightly() -> None:
    """Beat's word, some times a day: each programme's standstills are looked for, and old batches forgotten."""
    fresh_connections()
    job_enqueue(kind="partitions", key="partitions")
    for programme_id in Programme.objects.values_list("pk", flat=True):
        job_enqueue(kind="review_nightly", programme_id=programme_id, key=f"review_nightly:{programme_id}")


@job_handler("review_nightly", lease_seconds=300, queue=Queue.REPORTS)
def review_nightly(job: Job) -> None:
    if job.programme_id is not None:
        with tenant_scope(job.programme_id):
            frozen_review()
        received_forget(programme_id=job.programme_id)


@job_handler("partitions", lease_seconds=300, queue=Queue.REPORTS)
def partitions(job: Job) -> None:
    pieces_keep()
