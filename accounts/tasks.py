"""Celery's side of the doorbell, and the job that sends mails."""

from __future__ import annotations

from celery import shared_task

from accounts import jobs, outbox
from accounts.models import Job


@shared_task(name=jobs.RUN_TASK, acks_late=True, ignore_result=True)
def run_job(job_id: int) -> None:
    jobs.fresh_connections()
    try:
        jobs.run_job(job_id)
    finally:
        jobs.fresh_connections()


@shared_task(name="accounts.sweep_jobs", ignore_result=True)
def sweep_jobs() -> None:
    jobs.fresh_connections()
    jobs.sweep()


@jobs.job_handler("mail", max_starts=20)
def send_mail(job: Job) -> None:
    outbox.message_send(message_id=int(job.ref))
