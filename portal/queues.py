"""Celery's settings: what carries a ring from a change to its worker, and what beat asks for.

The queues are those of `accounts.jobs.Queue`. A worker without `-Q` listens to all of them; several workers share
them out as docs/operations.md says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kombu import Exchange, Queue

QUEUES = ("releve", "mail", "imports", "totals", "reports")  # a test holds them to accounts.jobs.Queue
BEAT_ASKS = {
    # name: (task, every so many seconds, forgotten after so many)
    "sweep-due-jobs": ("accounts.sweep_jobs", 1.0, 5),
    "retention": ("accounts.ask_for_retention", 6 * 3600.0, 600),
    "watch-servers": ("servers.watch", 60.0, 50),
    "review-nightly": ("readings.ask_for_nightly", 8 * 3600.0, 600),
    "purge-unactivated": ("accounts.ask_for_purge", 3600.0, 600),
    "hints": ("readings.ask_for_hints", 3600.0, 600),
    "upload-reminders": ("readings.ask_for_reminders", 3600.0, 600),
    "monthly-sheets": ("readings.ask_for_sheets", 3600.0, 600),
}
HEARTBEAT_SECONDS = 15.0  # a worker of each queue says that it is there; doctor and the metrics look


def celery_settings(*, var_dir: Path, redis_url: str) -> dict[str, Any]:
    """The CELERY_* names that portal/settings.py takes up."""
    return {
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,  # a ring waits in the queue, where another worker may hear it
        "CELERY_TASK_QUEUES": [Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        "CELERY_TASK_DEFAULT_QUEUE": QUEUES[0],
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_BEAT_SCHEDULE_FILENAME": str(var_dir / "beat-schedule"),
        "CELERY_BEAT_SCHEDULE": _schedule(),
        **(_redis(redis_url) if redis_url else _doorbell(var_dir / "doorbell")),
    }


def _schedule() -> dict[str, Any]:
    asks = {
        name: {"task": task, "schedule": every, "options": {"expires": expires}}
        for name, (task, every, expires) in BEAT_ASKS.items()
    }
    alive = {
        f"alive-{queue}": {
            "task": "accounts.queue_heard", "args": [queue], "schedule": HEARTBEAT_SECONDS,
            "options": {"expires": HEARTBEAT_SECONDS, "queue": queue},
        }
        for queue in QUEUES
    }  # fmt: skip
    return asks | alive


def _redis(url: str) -> dict[str, Any]:
    options = {"visibility_timeout": 600, "unacked_restore_throttle": 1}
    return {"CELERY_BROKER_URL": url, "CELERY_BROKER_TRANSPORT_OPTIONS": options}


def _doorbell(folder: Path) -> dict[str, Any]:
    """A doorbell made of files (portal/doorbell.py). It may lose a ring; the job's row and the sweep do not."""
    for part in ("queue", "control"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.2,
    }
    return {"CELERY_BROKER_URL": "doorbell://", "CELERY_BROKER_TRANSPORT_OPTIONS": options}
