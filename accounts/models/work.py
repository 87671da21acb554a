"""Background work and mail as rows. The row is the truth; Celery only rings a bell."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.logs import request_number
from accounts.models.people import Programme


class Job(models.Model):
    """One piece of work. Claimed by a conditional UPDATE, held by a lease, retried, stopped when it poisons."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=100, null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    deaths = models.PositiveSmallIntegerField(
        default=0, db_default=0
    )  # starts that ended with their worker: the lease ran out
    error = models.CharField(max_length=200, blank=True)
    # who reads the log of a request finds what it set going, and the other way round
    request = models.CharField(max_length=64, blank=True, default=request_number, db_default="")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="job_due")]
        constraints = [
            # one waiting job a key: a hundred touches of one programme's totals are one recomputation
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(state="queued"), name="job_waits_once_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} {self.state}"


class OutboxMessage(models.Model):
    """The intent to send one mail, written with the change that caused it. It never holds a secret."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    recipient = models.EmailField(max_length=254)
    language = models.CharField(max_length=2, default="fr")
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["programme", "created_at"], name="outbox_by_programme")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}: {self.state}"

    @property
    def not_needed(self) -> bool:
        """What it was about was gone before it was sent."""
        return self.state == self.State.FAILED and self.error.startswith("not needed")
