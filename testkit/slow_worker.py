"""The Celery app plus one slow kind of job, for the tests that kill a worker in the middle of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import django

from portal.celery import app as app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from accounts.jobs import job_handler  # noqa: E402 - needs the apps
from accounts.models import Job  # noqa: E402


@job_handler("slow", lease_seconds=6)
def slow(job: Job) -> None:
    """Notes each start, works for `ref` seconds on its first start, then notes its end."""
    diary = Path(os.environ["RELEVE_VAR"]) / f"slow-{job.pk}"
    with diary.open("a") as notes:
        notes.write("start\n")
    if job.attempts == 1:
        time.sleep(float(job.ref))
    with diary.open("a") as notes:
        notes.write("end\n")
