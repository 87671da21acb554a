"""A person's copy of their data, made by a job and kept for a few days."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.people import User


class DataExport(models.Model):
    """One ZIP for one person. It may be fetched by that person alone, until `expires_at`."""

    class State(models.TextChoices):
        QUEUED = "queued"
        READY = "ready"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    stored_as = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"export {self.public_id} {self.state}"
