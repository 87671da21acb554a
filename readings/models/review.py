"""What the validation rules found, what an operator decided about it, and how strict the rules are."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantModel
from readings.models.archives import ArchiveSeries
from servers.models import MeteringPoint, Register, Server


class ReviewItem(TenantModel):
    """One value, or a run of archive values, that a rule flagged. An open item follows from the data; a decided one stays.

    `subject` names what was flagged (a register, a parameter of an archive, a ref of a server) and is the key
    together with the rule and the instant. `at` and `until` are epoch seconds, `count` the values in between.
    `value` is the text as it was received, in `unit`.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be reviewed")
        ACCEPTED = "accepted", _("accepted as it is")
        CORRECTED = "corrected", _("corrected")
        LEFT_OUT = "left_out", _("left out")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=200)
    rule = models.CharField(max_length=20)
    at = models.BigIntegerField()
    until = models.BigIntegerField()
    count = models.IntegerField(default=1)
    point = models.ForeignKey(MeteringPoint, models.PROTECT, null=True, related_name="review_items")
    register = models.ForeignKey(Register, models.PROTECT, null=True, related_name="+", db_index=False)
    series = models.ForeignKey(ArchiveSeries, models.PROTECT, null=True, related_name="+", db_index=False)
    server = models.ForeignKey(Server, models.PROTECT, null=True, related_name="+", db_index=False)
    field = models.CharField(
        max_length=140, blank=True
    )  # the archive's parameter, or "meter/register" of a server
    value = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=12, blank=True)
    detail = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    correction = models.CharField(max_length=40, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "subject", "rule", "at"], name="review_item_once"),
        ]
        indexes = [
            models.Index(fields=["programme", "state", "-at"], name="review_by_state"),
            models.Index(fields=["programme", "point", "state"], name="review_by_point"),
            models.Index(fields=["programme", "register", "at"], name="review_by_register"),
            models.Index(fields=["programme", "series", "at"], name="review_by_series"),
        ]


class ReviewLimit(TenantModel):
    """A programme's own thresholds for one medium and quantity; an empty text means: no such limit.

    Decimal texts in the quantity's unit of `readings.review.limits` (`rate` by the hour); `frozen_hours` is how
    long a value may stand still.
    """

    medium = models.CharField(max_length=12)
    quantity = models.CharField(max_length=20)
    low = models.CharField(max_length=20, blank=True)
    high = models.CharField(max_length=20, blank=True)
    rate = models.CharField(max_length=20, blank=True)
    frozen_hours = models.CharField(max_length=6, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "medium", "quantity"], name="review_limit_once"),
        ]
