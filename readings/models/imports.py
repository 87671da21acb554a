"""One uploaded archive file, what became of it, and what was wrong with it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import TenantModel
from servers.models import MeteringPoint


class ImportJob(TenantModel):
    """States: queued, running, done, done_with_issues, refused (nothing of a refused file is stored)."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        DONE_WITH_ISSUES = "done_with_issues"
        REFUSED = "refused"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    point = models.ForeignKey(MeteringPoint, models.PROTECT, null=True, related_name="import_jobs")
    file_name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    replace = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    refusal = models.CharField(max_length=40, blank=True)
    refusal_data = models.JSONField(default=dict)
    bytes_done = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict)
    receipt_number = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["programme", "point", "created_at"], name="import_by_point"),
            models.Index(fields=["programme", "sha256"], name="import_by_hash"),
        ]


class ImportIssue(TenantModel):
    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="issues")
    line = models.IntegerField(null=True)
    point = models.CharField(max_length=40, blank=True)
    field = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=40)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["programme", "job"], name="issue_by_job")]
