"""What Prometheus reads: what all processes of this machine counted, and what the database says now.

Counted: requests, jobs, batches, readings, refusals (accounts/measures.py). Asked: what waits, how long, and who is
silent; these are right whichever process answers, and stay right over a restart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily

from accounts.heartbeats import queue_silence
from accounts.jobs import Queue, queue_of
from accounts.models import Job, OutboxMessage
from accounts.tenancy import unscoped
from portal.operations.counters import counters_folder
from readings.models import ImportJob
from servers.models import Server

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NEVER = 1e9  # of a queue that nobody was ever heard of: a number, so that an alert can compare


def exposition() -> bytes:
    counted = REGISTRY
    if counters_folder():  # by each process into a file of its own: added up
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)
    asked = CollectorRegistry()
    asked.register(Database())
    return bytes(generate_latest(counted) + generate_latest(asked))


class Database:
    """A collector of prometheus_client: asked anew at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("releve_database_up", "Whether the database answered")
        try:
            with unscoped(reason="figures of the whole machine, for those who look after it"):
                found = [*_jobs(), *_mails(), *_imports(), *_servers(), *_queues()]
        except Error:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found


def _gauge(name: str, text: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"releve_{name}", text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _jobs() -> Iterator[GaugeMetricFamily]:
    now = timezone.now()
    due = Q(state=Job.State.QUEUED, due_at__lte=now)
    rows = (
        Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.FAILED])
        .values("kind")
        .annotate(
            due=Count("pk", filter=due),
            oldest=Min("due_at", filter=due),
            running=Count("pk", filter=Q(state=Job.State.RUNNING)),
            failed=Count("pk", filter=Q(state=Job.State.FAILED)),
        )
    )
    depth, age, running = ({queue.value: 0.0 for queue in Queue} for _ in range(3))
    failed: dict[str, float] = {}
    for row in rows:
        queue = queue_of(row["kind"]).value
        depth[queue] += row["due"]
        running[queue] += row["running"]
        if row["oldest"]:
            age[queue] = max(age[queue], (now - row["oldest"]).total_seconds())
        if row["failed"]:
            failed[row["kind"]] = row["failed"]
    yield _gauge("jobs_waiting", "Jobs that are due and not started", "queue", depth)
    yield _gauge("jobs_oldest_seconds", "How long the oldest of them has been due", "queue", age)
    yield _gauge("jobs_running", "Jobs being done", "queue", running)
    yield _gauge("jobs_failed", "Jobs given up, as long as they are kept", "kind", failed)


def _mails() -> Iterator[GaugeMetricFamily]:
    states = OutboxMessage.State
    found = OutboxMessage.objects.filter(state__in=[states.QUEUED, states.FAILED]).aggregate(
        waiting=Count("pk", filter=Q(state=states.QUEUED)),
        oldest=Min("created_at", filter=Q(state=states.QUEUED)),
        failed=Count("pk", filter=Q(state=states.FAILED) & ~Q(error__startswith="not needed")),
    )
    oldest = found["oldest"]
    for name, text, value in (
        ("mails_waiting", "Mails meant and not sent", found["waiting"]),
        ("mails_oldest_seconds", "How long the oldest of them has waited",
         (timezone.now() - oldest).total_seconds() if oldest else 0),
        ("mails_failed", "Mails given up, as long as they are kept", found["failed"]),
    ):  # fmt: skip
        family = GaugeMetricFamily(f"releve_{name}", text)
        family.add_metric([], value)
        yield family


def _imports() -> Iterator[GaugeMetricFamily]:
    since = timezone.now() - timedelta(days=1)
    rows = ImportJob.objects.filter(created_at__gte=since).values_list("state").annotate(Count("pk"))
    values = {**dict.fromkeys(ImportJob.State.values, 0.0), **dict(rows)}
    yield _gauge("imports_day", "Files sent within a day, by what became of them", "state", values)


def _servers() -> Iterator[GaugeMetricFamily]:
    present = Server.objects.filter(removed_at=None, activated_at__isnull=False)
    quiet = timezone.now() - timedelta(minutes=settings.SERVER_SILENT_AFTER_MINUTES)
    suspended = Q(suspended_at__isnull=False)
    heard = Q(last_sync_at__gte=quiet) & ~suspended
    found = present.aggregate(
        online=Count("pk", filter=heard),
        suspended=Count("pk", filter=suspended),
        all=Count("pk"),
    )
    offline = found["all"] - found["online"] - found["suspended"]
    values = {"online": found["online"], "offline": offline, "suspended": found["suspended"]}
    yield _gauge("servers", "Activated servers, by whether they were heard of lately", "state", values)


def _queues() -> Iterator[GaugeMetricFamily]:
    silence: dict[str, Any] = {queue.value: queue_silence(queue.value) for queue in Queue}
    values = {queue: NEVER if seconds is None else seconds for queue, seconds in silence.items()}
    yield _gauge("queue_silence_seconds", "Since a worker of the queue was heard of", "queue", values)
