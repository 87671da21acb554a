"""Work of the readings app that takes time. Handlers open their own scope and may run more than once."""

from __future__ import annotations

from datetime import timedelta

from accounts.jobs import job_handler
from accounts.models import Job
from readings.services.parked import parked_replay
from readings.totals.bands import bands_follow
from readings.totals.drain import totals_drain
from readings.totals.touches import totals_ring
from tariffs.bands import FOLLOW


@job_handler("totals", lease_seconds=120)
def totals(job: Job) -> None:
    if job.programme_id is not None and totals_drain(programme_id=job.programme_id):
        # A batch may have rung for this very job and committed after it looked: it looks once more.
        totals_ring(programme_id=job.programme_id, after=timedelta(seconds=30))


@job_handler("parked_replay", lease_seconds=120)
def replay_parked(job: Job) -> None:
    if job.programme_id is not None:
        parked_replay(programme_id=job.programme_id, server_id=int(job.ref))


@job_handler(FOLLOW, lease_seconds=300)
def follow_bands(job: Job) -> None:
    """An option, its hours or a day's colour changed: the days that differ are divided anew."""
    if job.programme_id is not None:
        bands_follow(programme_id=job.programme_id)
