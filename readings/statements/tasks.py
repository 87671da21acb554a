"""Booking a closed month and making ordered bills, by a worker. The rows are the truth, the jobs ask for them."""

from __future__ import annotations

from accounts.jobs import Queue, job_handler
from accounts.models import Job
from accounts.tenancy import tenant_scope
from readings.statements.bills import BILL, bill_make
from readings.statements.closing import CLOSE, period_settle
from readings.totals.drain import totals_drain


@job_handler(CLOSE, lease_seconds=300, queue=Queue.REPORTS)
def close_period(job: Job) -> None:
    if job.programme_id is not None:
        totals_drain(programme_id=job.programme_id)
        with tenant_scope(job.programme_id):
            period_settle(closing_id=int(job.ref))


@job_handler(BILL, lease_seconds=120, queue=Queue.REPORTS)
def make_bill(job: Job) -> None:
    if job.programme_id is not None:
        with tenant_scope(job.programme_id):
            bill_make(bill_id=int(job.ref))
