"""The Celery application. It carries rings, never state: see accounts/jobs.py."""

import os

from celery import Celery
from celery.signals import worker_ready

import portal.doorbell  # noqa: F401  names the transport of the settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
app = Celery("releve")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _announce(**details: object) -> None:
    """A worker that has just started is heard of at once, not only when beat asks."""
    from accounts.heartbeats import queue_seen

    for queue in app.amqp.queues.consume_from:
        queue_seen(queue)
