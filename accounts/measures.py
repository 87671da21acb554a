"""What a process counts about itself, for Prometheus: portal/operations/metrics.py shows it.

Nothing is counted, and the library not even read, where no METRICS_TOKEN is set: a small installation has nobody
who would ask. Figures that stand in the database (jobs, mails, servers) are not counted here but asked there.
"""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from typing import Any

from django.conf import settings

COUNTING = bool(settings.METRICS_TOKEN)


class _Nothing:
    def labels(self, *values: Any) -> _Nothing:
        return self

    def inc(self, amount: float = 1) -> None: ...

    def observe(self, amount: float) -> None: ...


def _by_host_and_process() -> str:
    """Containers that share a folder have the same process numbers: the name of the machine goes along."""
    return f"{socket.gethostname()}-{os.getpid()}".replace("_", "-")


@lru_cache(maxsize=1)  # one class of values: two would write over each other in one file
def _library() -> Any:
    import prometheus_client
    from prometheus_client import values

    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        values.ValueClass = values.MultiProcessValue(_by_host_and_process)  # type: ignore[assignment,misc]
    return prometheus_client


def _counter(name: str, text: str, labels: tuple[str, ...]) -> Any:
    if not COUNTING:
        return _Nothing()
    return _library().Counter(f"releve_{name}", text, labels)


def _histogram(name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Any:
    if not COUNTING:
        return _Nothing()
    return _library().Histogram(f"releve_{name}", text, labels, buckets=buckets)


REQUESTS = _counter("requests", "Answers, by the route's pattern", ("route", "method", "status"))
REQUEST_SECONDS = _histogram(
    "request_seconds", "Time to an answer", ("route",), (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
)
BATCHES = _counter("ingest_batches", "Gateways' batches", ("outcome",))  # stored | repeated
READINGS = _counter("readings", "Readings of gateways, by what was answered", ("status",))
JOBS = _counter("jobs_ended", "Starts of jobs, by how they ended", ("kind", "outcome"))
JOB_SECONDS = _histogram("job_seconds", "Time a job took", ("kind",), (0.1, 1.0, 10.0, 60.0, 600.0))
# A wall that had to hold: by the connection ("scope"), by row-level security or a key ("database")
REPORTS = _counter("reports", "Reports, by the database that answered", ("database",))  # primary | replica
REFUSALS = _counter("isolation_refusals", "Statements refused between programmes", ("wall",))
