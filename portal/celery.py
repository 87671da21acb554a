"""The Celery application. It carries rings, never state: see accounts/jobs.py."""

import os

from celery import Celery

import portal.doorbell  # noqa: F401  names the transport of the settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
app = Celery("releve")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
