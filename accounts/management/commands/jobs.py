"""jobs: what was put aside, and by whom it may be begun again.

manage.py jobs                  # given up: which, after how many starts, why, and the request that wanted it
manage.py jobs --again 17 18    # begin these anew, once what was wrong is mended
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.jobs import job_begin_again
from accounts.models import Job

LISTED = 200


class Command(BaseCommand):
    help = "List the jobs that were given up, newest first, or begin some of them anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", type=int, nargs="+", metavar="JOB")

    def handle(self, *args: Any, again: list[int] | None, **options: Any) -> None:
        for job_id in again or ():
            if not job_begin_again(job_id=job_id):
                raise CommandError(f"job {job_id} is not one that was given up")
            self.stdout.write(f"job {job_id} begins anew")
        if again:
            return
        failed = Job.objects.filter(state=Job.State.FAILED).order_by("-finished_at")
        for job in failed[:LISTED]:
            ended = f"{job.finished_at:%Y-%m-%d %H:%M}" if job.finished_at else "-"
            self.stdout.write(
                f"{job.pk}\t{job.kind}\t{job.ref or '-'}\t{ended}\t{job.attempts} starts, {job.deaths} deaths\t{job.error}"
                f"\t{job.request or '-'}"
            )
        self.stdout.write(f"{failed.count()} given up")
