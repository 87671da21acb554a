"""The monthly sheet: what a dwelling's occupant was told of a month, to whom and when it went out."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import OutboxMessage
from accounts.tenancy import TenantModel
from servers.models import Building, Dwelling


class SheetSettings(TenantModel):
    """One row a programme; without one the defaults hold. `energy_mix`: [{"source": text, "percent": text}, …]"""

    enabled = models.BooleanField(default=True)
    energy_mix = models.JSONField(default=list, blank=True)
    mix_note = models.CharField(max_length=300, blank=True)  # whose mix, of which year; gCO₂ a kWh
    contacts = models.TextField(max_length=1000, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme"], name="sheet_settings_once")]


class MonthlySheet(TenantModel):
    """One sheet a dwelling, person and month (its first day). `figures` is what the sheet said when it was made;
    the two messages are the proof of sending: once by the month's task, at most once more by the operator. What the
    second one said stands in `corrected` where a reading or a price had changed until then."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    month = models.DateField()
    figures = models.JSONField(default=dict)
    corrected = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    message = models.ForeignKey(OutboxMessage, models.SET_NULL, null=True, related_name="+")
    resent = models.ForeignKey(OutboxMessage, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "dwelling", "user", "month"], name="sheet_once"),
        ]
        indexes = [models.Index(fields=["programme", "month"], name="sheet_by_month")]

    @property
    def told(self) -> dict[str, Any]:
        """What its person was told last."""
        return self.figures if self.corrected is None else self.corrected


class BuildingMonth(TenantModel):
    """What the dwellings of a building used in a month, made once for all of its sheets: `uses` is
    {dwelling's key: {"area": cm² or null, "days": n, "usages": {usage: kWh as a fraction's text}}}."""

    building = models.ForeignKey(Building, models.CASCADE, related_name="+")
    month = models.DateField()
    uses = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "building", "month"], name="building_month_once"),
        ]
