"""Who changed what, and who looked at a dwelling."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import TenantModel


class AuditEntry(TenantModel):
    """Written once, never changed. `target` is a public id, `detail` holds old and new values without secrets."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    # what happens many times and is worth one row a day carries a key here (accounts.services.audit.look_record)
    once = models.CharField(max_length=120, null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme", "once"], name="audit_once")]
        indexes = [
            models.Index(fields=["programme", "target", "at"], name="audit_by_target"),
            models.Index(fields=["programme", "at"], name="audit_by_time"),
        ]
