"""Background work: the row is the truth, Celery is a doorbell.

A job is written in the transaction of the change that wants it. After the commit a bell is rung; if the bell,
the broker or the worker is lost, the sweep (each second, by beat) finds the row again. A worker claims a row by
one conditional UPDATE, keeps it by a lease that it renews while it works, and gives up after `max_starts`.
"""

from __future__ import annotations

import contextlib
import enum
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import Error, InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.logs import log_with
from accounts.measures import JOB_SECONDS, JOBS
from accounts.models import Job
from accounts.tenancy import no_scope

log = logging.getLogger(__name__)
work_log = logging.getLogger("releve.jobs")
Handler = Callable[[Job], None]
RUN_TASK = "accounts.run_job"
AGAIN_SECONDS = 5.0  # doubled with each start, up to five minutes
MOST_DEATHS = 3  # so many workers a job may take with it, whatever its kind
# at least so often a job is begun again whose database went away, since that may have been the job's doing
LOST_STARTS = 10
# a lock not given in time, a deadlock, a conflict: somebody else came first, and it is not counted
LOCKED = {"55P03", "40P01", "40001"}


class Queue(enum.StrEnum):
    """What a worker may be told to listen to, so that a long import keeps no mail waiting (docs/operations.md)."""

    SHORT = "releve"  # everything that takes a moment, and the sweep itself
    MAIL = "mail"
    IMPORTS = "imports"
    TOTALS = "totals"
    REPORTS = "reports"


class RetryLater(Exception):
    """The job cannot be done now, through no fault of its own; it is tried again and that is not counted as poison."""


@dataclass(frozen=True)
class _Kind:
    handler: Handler
    lease: timedelta
    max_starts: int
    queue: Queue


_kinds: dict[str, _Kind] = {}


def job_handler(
    kind: str, *, lease_seconds: int = 60, max_starts: int = 3, queue: Queue = Queue.SHORT
) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of `kind`. It opens its own `tenant_scope` and may run more than once."""

    def register(handler: Handler) -> Handler:
        _kinds[kind] = _Kind(handler, timedelta(seconds=lease_seconds), max_starts, queue)
        return handler

    return register


def queue_of(kind: str) -> Queue:
    """Where a kind of job is done; one that this process does not know waits with the short ones."""
    known = _kinds.get(kind)
    return known.queue if known else Queue.SHORT


def job_enqueue(
    *,
    kind: str,
    ref: str = "",
    programme_id: int | None = None,
    due_at: datetime | None = None,
    key: str | None = None,
) -> Job:
    """Write a job; ring the bell after the commit. With a `key`, one waiting job of that key is enough."""
    job = Job(kind=kind, ref=ref, programme_id=programme_id, due_at=due_at or timezone.now(), key=key)
    if key is None:
        job.save()
    else:
        _wait_once(job)
        job = Job.objects.filter(key=key, state=Job.State.QUEUED).first() or job
    if job.pk is not None and job.due_at <= timezone.now():
        transaction.on_commit(lambda: _ring(job.pk, queue=queue_of(kind)))
    return job


def job_wait(*, kind: str, ref: str, programme_id: int, due_at: datetime, key: str) -> None:
    """`job_enqueue` of work for later, for those who need no answer: one statement, and the sweep will ring."""
    _wait_once(Job(kind=kind, ref=ref, programme_id=programme_id, due_at=due_at, key=key))


def job_wait_sql(**expressions: str) -> str:
    """`job_wait` as a part of a function of the database: an INSERT up to the end of its SELECT list.

    `expressions`: SQL for fields of a job, by their names; the others get their usual values.
    `INSERT INTO … SELECT … <your condition> ON CONFLICT DO NOTHING` is left to the caller to close.
    """
    fields: Any = [field for field in Job._meta.concrete_fields if not field.primary_key]
    values = {
        field.column: expressions.get(field.attname) or _literal(field.get_default()) for field in fields
    }
    return f"INSERT INTO {Job._meta.db_table} ({', '.join(values)}) SELECT {', '.join(values.values())}"


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else f"'{value}'"


def _wait_once(job: Job) -> None:
    Job.objects.bulk_create([job], ignore_conflicts=True)


def _ring(job_id: int, *, queue: Queue = Queue.SHORT, heard_within: int = 600) -> None:
    try:
        current_app.send_task(RUN_TASK, args=[job_id], queue=queue.value, expires=heard_within, retry=False)
    except Exception as error:  # noqa: BLE001 - any broker trouble costs a second, not the job
        log.info("doorbell not rung for job %s: %s", job_id, type(error).__name__)


def _claimable(now: datetime) -> Q:
    waiting = Q(state=Job.State.QUEUED, due_at__lte=now)
    abandoned = Q(state=Job.State.RUNNING, lease_until__lt=now)
    return waiting | abandoned


def job_ids_due(*, limit: int = 100, queue: Queue | None = None) -> list[int]:
    """What the sweep rings for: due, or left by a worker that died; of one queue, or of all.

    A kind that this process does not know (a release that was taken back) waits, and stands before nobody.
    """
    kinds = [name for name, kind in _kinds.items() if queue in (None, kind.queue)]
    known = Job.objects.filter(_claimable(timezone.now()), kind__in=kinds)
    return list(known.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])


def sweep() -> int:
    """Ring for every job that is due. Duplicated rings are harmless: the claim decides.

    Queue by queue: a thousand imports that wait for their one worker must not hide a mail from its own.
    """
    rung = 0
    for queue in Queue:
        for job_id in job_ids_due(queue=queue):
            # it rings again each second, so that rings must not pile up while all workers are busy
            _ring(job_id, queue=queue, heard_within=5)
            rung += 1
    return rung


def run_job(job_id: int) -> bool:
    """Claim and do one job. False when somebody else has it, or it is not due."""
    with no_scope():
        now = timezone.now()
        job = Job.objects.filter(pk=job_id).first()
        kind = _kinds.get(job.kind) if job else None
        if job is None or kind is None:
            if job is not None:
                log.error("no handler for jobs of kind %s", job.kind)
            return False
        died = Case(When(state=Job.State.RUNNING, then=Value(1)), default=Value(0))
        claimed = Job.objects.filter(_claimable(now), pk=job_id).update(
            state=Job.State.RUNNING, lease_until=now + kind.lease, attempts=F("attempts") + 1,
            deaths=F("deaths") + died,
        )  # fmt: skip
        if not claimed:
            return False
        job.refresh_from_db()
        if job.deaths >= MOST_DEATHS or (job.deaths and job.attempts > kind.max_starts):
            # it has taken its worker down before: stop it here, where people can see it
            _finish(job, Job.State.FAILED, "poison: its worker died each time")
            return True
        facts = {
            "job": job.pk,
            "kind": job.kind,
            "programme": job.programme_id,
            "request": job.request or None,
        }
        with log_with(**facts), _lease_renewed(job, kind.lease):
            _measured(job, kind)
        return True


def job_begin_again(*, job_id: int) -> bool:
    """A job that was given up is due once more, as if it had never been started; False where it was not given up."""
    with transaction.atomic():
        again = Job.objects.filter(pk=job_id, state=Job.State.FAILED).update(
            state=Job.State.QUEUED,
            key=None,
            attempts=0,
            deaths=0,
            error="",
            finished_at=None,
            due_at=timezone.now(),
        )
        return bool(again)


def _measured(job: Job, kind: _Kind) -> None:
    since = time.monotonic()
    outcome = _do(job, kind)
    seconds = time.monotonic() - since
    JOBS.labels(job.kind, outcome).inc()
    JOB_SECONDS.labels(job.kind).observe(seconds)
    work_log.info("job %s", outcome, extra={"facts": {"ms": round(seconds * 1000), "attempt": job.attempts}})


def _do(job: Job, kind: _Kind) -> str:
    """Its outcome in a word: done, later, again or failed."""
    try:
        kind.handler(job)
    except RetryLater as reason:
        _again(job, f"later: {reason}", attempts=max(job.attempts - 1, 0))
        return "later"
    except Exception as error:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        if _is_locked(error):
            _again(job, f"later: {type(error).__name__}", attempts=max(job.attempts - 1, 0))
            return "later"
        if job.attempts >= (max(kind.max_starts, LOST_STARTS) if _is_lost(error) else kind.max_starts):
            _finish(job, Job.State.FAILED, type(error).__name__)
            return "failed"
        _again(job, type(error).__name__, attempts=job.attempts)
        return "again"
    _finish(job, Job.State.DONE, "")
    return "done"


def _is_locked(error: Exception) -> bool:
    """Somebody else held what it needed for too long; SQLite has no number for it."""
    code = getattr(error.__cause__, "pgcode", None)
    return isinstance(error, OperationalError) and (code in LOCKED or "database is locked" in str(error))


def _is_lost(error: Exception) -> bool:
    """The database went away underneath it (57P01 to 57P03: it is shutting down, has crashed, is starting up)."""
    code = getattr(error.__cause__, "pgcode", None) or "57P"
    return isinstance(error, OperationalError | InterfaceError) and code.startswith("57P")


def _again(job: Job, error: str, *, attempts: int) -> None:
    delay = timedelta(seconds=min(300, AGAIN_SECONDS * 2 ** min(attempts, 6)))

    def write() -> None:
        key = job.key
        if key and Job.objects.filter(key=key, state=Job.State.QUEUED).exists():
            key = None  # a newer job of the same key waits already
        _held(job).update(
            state=Job.State.QUEUED, key=key, due_at=timezone.now() + delay, attempts=attempts,
            lease_until=None, error=error[:200],
        )  # fmt: skip

    _write_down(job, write)


def _finish(job: Job, state: str, error: str) -> None:
    def write() -> None:
        _held(job).update(state=state, finished_at=timezone.now(), lease_until=None, error=error[:200])

    _write_down(job, write)


def _held(job: Job) -> Any:
    """The row, as long as this start of it holds it: a worker that slept through its lease must not end, prolong or
    put back what another one has begun meanwhile."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts, deaths=job.deaths)


def _write_down(job: Job, write: Callable[[], None]) -> None:
    """What became of a job, also when the database comes back only in a moment: else the start counts as a death."""
    ends = time.monotonic() + _kinds[job.kind].lease.total_seconds()
    while True:
        try:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > ends:
                raise
            connection.close()
            time.sleep(0.5)


@contextmanager
def _lease_renewed(job: Job, lease: timedelta) -> Iterator[None]:
    """Renews the lease from a thread with a connection of its own, so that a long job is not started twice."""
    done = threading.Event()

    def renew() -> None:
        try:
            while not done.wait(lease.total_seconds() / 3):
                # a database that is busy or away for a moment must not end the renewing
                try:
                    _held(job).update(lease_until=timezone.now() + lease)
                except Error:
                    with contextlib.suppress(Error):
                        connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)


def run_due_jobs(*, limit: int = 1000) -> int:
    """Do what is due, here and now, until nothing is: for commands and tests that stand in for a worker.

    A job that another worker was quicker to claim is passed over, and the rest done.
    """
    count, passed = 0, set[int]()
    while count < limit:
        waiting = [job_id for job_id in job_ids_due(limit=len(passed) + 1) if job_id not in passed]
        if not waiting:
            return count
        if run_job(waiting[0]):
            count += 1
        else:
            passed.add(waiting[0])
    return count


def jobs_settle(*, programme_id: int, seconds: float = 60) -> None:
    """Do what is due, and wait for what workers beside this process are doing for a programme."""
    ends = time.monotonic() + seconds
    while run_due_jobs() or Job.objects.filter(programme_id=programme_id, state=Job.State.RUNNING).exists():
        if time.monotonic() > ends:
            return
        time.sleep(0.1)


def fresh_connections() -> None:
    close_old_connections()
