"""Background work: claimed once, kept by a lease, retried, stopped when it poisons."""

from __future__ import annotations

import contextlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts import jobs
from accounts.models import Job

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Register handlers for one test only; rings go nowhere."""
    monkeypatch.setattr(jobs, "_kinds", dict(jobs._kinds))
    monkeypatch.setattr(jobs, "_ring", lambda job_id, **more: None)
    return jobs.job_handler


def test_a_job_is_done_once(db: Any, kind: Any) -> None:
    done = []
    kind("count")(lambda job: done.append(job.ref))
    job = jobs.job_enqueue(kind="count", ref="a")
    assert jobs.run_job(job.pk) is True
    assert jobs.run_job(job.pk) is False, "a second ring for the same row does nothing"
    job.refresh_from_db()
    assert (done, job.state, job.attempts) == (["a"], "done", 1)


def test_a_job_waits_until_it_is_due(db: Any, kind: Any) -> None:
    done = []
    kind("count")(lambda job: done.append(1))
    with time_machine.travel(NOW, tick=False) as clock:
        job = jobs.job_enqueue(kind="count", due_at=NOW + timedelta(seconds=9))
        assert jobs.run_job(job.pk) is False and jobs.job_ids_due() == []
        clock.shift(10)
        assert jobs.job_ids_due() == [job.pk]
        assert jobs.run_job(job.pk) is True
    assert done == [1]


def test_an_abandoned_job_is_taken_up_again_when_its_lease_ends(db: Any, kind: Any) -> None:
    done = []
    kind("count", lease_seconds=30)(lambda job: done.append(job.attempts))
    with time_machine.travel(NOW, tick=False) as clock:
        job = jobs.job_enqueue(kind="count")
        # what a worker leaves behind that was killed right after its claim
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.RUNNING, lease_until=timezone.now() + timedelta(seconds=30), attempts=1
        )
        assert jobs.run_job(job.pk) is False, "the lease still holds"
        clock.shift(31)
        assert jobs.run_job(job.pk) is True
    assert done == [2]


def test_a_failing_job_is_retried_later_and_then_given_up(db: Any, kind: Any) -> None:
    starts = []

    def fail(job: Job) -> None:
        starts.append(job.attempts)
        raise ValueError("secret detail")

    kind("bad", max_starts=3)(fail)
    with time_machine.travel(NOW, tick=False) as clock:
        job = jobs.job_enqueue(kind="bad")
        for _ in range(6):
            jobs.run_due_jobs()
            clock.shift(600)
    job.refresh_from_db()
    assert starts == [1, 2, 3]
    assert (job.state, job.error) == ("failed", "ValueError"), "the row names the error, never its detail"


def _printed(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("limit", [3, 20])
def test_the_third_worker_that_dies_is_the_last(db: Any, kind: Any, limit: int) -> None:
    """Also of a kind that may fail twenty times: a mail that cannot be sent harms nobody, one that kills does."""
    starts: list[int] = []

    class Killed(BaseException):
        """What kill -9 leaves behind: no word in the row."""

    def dies(job: Job) -> None:
        starts.append(job.attempts)
        raise Killed

    kind("poison", lease_seconds=60, max_starts=limit)(dies)
    kind("works")(lambda job: None)
    with time_machine.travel(NOW, tick=False) as clock:
        poison, other = jobs.job_enqueue(kind="poison"), jobs.job_enqueue(kind="works")
        for _ in range(6):
            with contextlib.suppress(Killed):
                jobs.run_due_jobs()
            clock.shift(61)
    poison.refresh_from_db()
    other.refresh_from_db()
    assert (starts, poison.state, poison.deaths, other.state) == ([1, 2, 3], "failed", 3, "done")
    assert poison.error.startswith("poison")
    assert f"{poison.pk}\tpoison" in _printed("jobs") and "1 given up" in _printed("jobs")
    assert _printed("jobs", "--again", str(poison.pk)) and poison.pk in jobs.job_ids_due()
    with pytest.raises(CommandError, match="not one"):
        _printed("jobs", "--again", str(other.pk))


def test_a_worker_that_slept_through_its_lease_touches_nothing(db: Any, kind: Any) -> None:
    kind("slept", lease_seconds=30)(lambda job: None)
    job = jobs.job_enqueue(kind="slept")
    Job.objects.update(
        state=Job.State.RUNNING, attempts=1, lease_until=timezone.now() + timedelta(seconds=30)
    )
    job.refresh_from_db()
    mine = Job.objects.filter(pk=job.pk)
    mine.update(attempts=2, deaths=1)  # another worker has it now
    jobs._finish(job, Job.State.FAILED, "too late")
    jobs._again(job, "too late", attempts=0)
    assert not jobs._held(job).update(lease_until=None)
    assert mine.values_list("state", "attempts", "error").get() == ("running", 2, "")


@pytest.mark.parametrize(
    ("code", "message", "state", "starts"),
    [
        ("55P03", "canceling statement due to lock timeout", "queued", 12),
        ("40P01", "deadlock detected", "queued", 12),
        (None, "database is locked", "queued", 12),
        ("57P01", "terminating connection due to administrator command", "failed", jobs.LOST_STARTS),
        (None, "server closed the connection unexpectedly", "failed", jobs.LOST_STARTS),
        ("57014", "canceling statement due to statement timeout", "failed", 3),
        ("23505", "duplicate key", "failed", 3),
    ],
)
def test_whose_fault_it_was_decides_how_often(
    db: Any, kind: Any, code: str | None, message: str, state: str, starts: int
) -> None:
    """A lock that somebody else held is not counted; a lost database more often than the job's own mistake."""
    begun: list[int] = []

    def fails(job: Job) -> None:
        begun.append(job.attempts)
        cause = Exception(message)
        cause.pgcode = code  # type: ignore[attr-defined]
        raise OperationalError(message) from cause

    kind("unlucky", max_starts=3)(fails)
    with time_machine.travel(NOW, tick=False) as clock:
        job = jobs.job_enqueue(kind="unlucky")
        for _ in range(12):
            jobs.run_due_jobs()
            clock.shift(600)
    job.refresh_from_db()
    assert (job.state, len(begun)) == (state, starts)


def test_later_is_not_counted_as_a_failure(db: Any, kind: Any) -> None:
    def later(job: Job) -> None:
        raise jobs.RetryLater("the mail server is away")

    kind("later", max_starts=2)(later)
    with time_machine.travel(NOW, tick=False) as clock:
        job = jobs.job_enqueue(kind="later")
        for _ in range(10):
            jobs.run_due_jobs()
            clock.shift(600)
    job.refresh_from_db()
    assert job.state == "queued"


def test_one_waiting_job_a_key(db: Any, kind: Any) -> None:
    kind("count")(lambda job: None)
    first = jobs.job_enqueue(kind="count", key="totals:1")
    again = jobs.job_enqueue(kind="count", key="totals:1")
    assert (first.pk, Job.objects.count()) == (again.pk, 1)
    jobs.run_due_jobs()
    assert jobs.job_enqueue(kind="count", key="totals:1").pk != first.pk, "done, so a new one may wait"


def test_a_rolled_back_change_leaves_no_job(db: Any, kind: Any) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.job_enqueue(kind="count")
        raise ZeroDivisionError
    assert not Job.objects.exists()


def test_a_lost_doorbell_loses_nothing(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("no broker")

    monkeypatch.setattr(jobs.current_app, "send_task", broken)
    job = jobs.job_enqueue(kind="mail", ref="1")
    jobs._ring(job.pk)
    assert jobs.job_ids_due() == [job.pk]


def test_a_job_that_cannot_be_done_stands_before_no_other(db: Any, kind: Any, monkeypatch: Any) -> None:
    """Two hundred of a kind nobody here knows, one that another worker is quicker to claim, one that fails."""
    done: list[str] = []
    kind("works")(lambda job: done.append(job.ref))
    kind("fails")(lambda job: 1 / 0)
    early = timezone.now() - timedelta(hours=1)
    Job.objects.bulk_create(Job(kind="of a newer release", due_at=early) for _one in range(200))
    taken = Job.objects.create(kind="works", ref="elsewhere", due_at=early)
    Job.objects.create(kind="fails", due_at=early)
    Job.objects.create(kind="works", ref="mine", due_at=timezone.now())
    claim = jobs.run_job
    monkeypatch.setattr(jobs, "run_job", lambda job_id: job_id != taken.pk and claim(job_id))
    assert jobs.run_due_jobs() == 2 and done == ["mine"]
    rung: list[int] = []
    monkeypatch.setattr(jobs, "_ring", lambda job_id, **more: rung.append(job_id))
    jobs.sweep()
    assert rung == [taken.pk]
    assert Job.objects.filter(kind="of a newer release", state=Job.State.QUEUED).count() == 200
