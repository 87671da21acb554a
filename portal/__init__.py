"""The composition root. Importing it makes the Celery application the current one, so that services can ring."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
