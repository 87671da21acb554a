"""The web server's own settings: `gunicorn portal.wsgi -c python:portal.operations.gunicorn`.

Everything that differs between machines comes from the environment: WEB_BIND, WEB_WORKERS, WEB_THREADS.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

bind = os.environ.get("WEB_BIND", "0.0.0.0:8000")  # in a container the network is the container's
workers = int(os.environ.get("WEB_WORKERS", "3"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 30  # what is being answered is answered, also while a new release is brought in
keepalive = 15  # longer than the proxy's pause between two requests
max_requests, max_requests_jitter = (
    5000,
    500,
)  # a leak of a library is forgotten now and then, not by all at once
control_socket_disable = True
MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108
if MEMORY.is_dir():  # the workers' heartbeat: a disk that stalls must not look like a dead worker
    worker_tmp_dir = str(MEMORY)
accesslog = None  # the portal writes a line a request itself (portal/operations/requests.py)
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "accounts.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False}},
}


def on_starting(server: Any) -> None:
    from portal.operations.counters import counters_tidy

    counters_tidy()


def child_exit(server: Any, worker: Any) -> None:
    from portal.operations.counters import counters_of_dead

    counters_of_dead(worker.pid)
