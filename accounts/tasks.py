"""Celery's side of the doorbell, and the job that sends mails."""

from __future__ import annotations

from celery import shared_task

from accounts import heartbeats, jobs, outbox
from accounts.models import Job
from accounts.privacy import erasure, export
from accounts.privacy.retention import retention_enforce
from accounts.services.programmes import purge_unactivated


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


@shared_task(name="accounts.queue_heard", ignore_result=True)
def queue_heard(queue: str) -> None:
    """Beat's word to a worker of each queue: whoever hears it is there, and so is beat."""
    heartbeats.queue_seen(queue)


@jobs.job_handler("mail", max_starts=outbox.TRIES, queue=jobs.Queue.MAIL)
def send_mail(job: Job) -> None:
    outbox.message_send(message_id=int(job.ref))


@shared_task(name="accounts.ask_for_purge", ignore_result=True)
def ask_for_purge() -> None:
    """Beat's hourly word: write the job; what is purged is the job's business."""
    jobs.fresh_connections()
    jobs.job_enqueue(kind="purge_unactivated", key="purge_unactivated")


@jobs.job_handler("purge_unactivated")
def purge(job: Job) -> None:
    purge_unactivated()


@shared_task(name="accounts.ask_for_retention", ignore_result=True)
def ask_for_retention() -> None:
    jobs.fresh_connections()
    jobs.job_enqueue(kind="retention", key="retention")


@jobs.job_handler("retention", lease_seconds=300)
def retention(job: Job) -> None:
    retention_enforce()


@jobs.job_handler(export.JOB, lease_seconds=300, queue=jobs.Queue.REPORTS)
def data_export(job: Job) -> None:
    export.export_make(export_id=int(job.ref))


@jobs.job_handler(erasure.JOB, lease_seconds=300)
def person_erase(job: Job) -> None:
    erasure.person_forget(user_id=int(job.ref))
