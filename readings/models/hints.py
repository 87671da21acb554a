"""What an occupant wants to be told by mail: a budget that is nearly used up, water that never stops."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import OutboxMessage
from accounts.tenancy import TenantModel
from servers.models import Dwelling


class Hint(TenantModel):
    """A wish of one person for the dwelling they live in. Without a row nothing is sent.

    `energy`: `limit` in kWh a month; `money`: in minor units a month; both for `usage`, or the whole where it is
    empty. `leak`: no limit. Its public id is the key of the link that ends it.
    """

    class Kind(models.TextChoices):
        ENERGY = "energy"
        MONEY = "money"
        LEAK = "leak"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    usage = models.CharField(max_length=14, blank=True)
    limit = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "user", "dwelling", "kind", "usage"], name="hint_once"
            ),
        ]


class HintSent(TenantModel):
    """One mail a hint, period and threshold: the month and 80 or 100 %, or the day since which water runs and 0."""

    hint = models.ForeignKey(Hint, models.CASCADE, related_name="sent")
    period = models.DateField()
    threshold = models.PositiveSmallIntegerField(default=0)
    message = models.ForeignKey(OutboxMessage, models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "hint", "period", "threshold"], name="hint_sent_once"
            ),
        ]
