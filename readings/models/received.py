"""Index readings as they arrived, from gateways and by hand."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.tenancy import TenantModel
from servers.models import Register, Server


class Reading(TenantModel):
    """An index at an instant: `at` in epoch seconds, `value` in steps of the register's resolution."""

    class Source(models.IntegerChoices):
        GATEWAY = 1
        HAND = 2
        FILE = 3
        OPERATOR = 4

    guarded_by_statement = True
    pk = models.CompositePrimaryKey("programme_id", "register_id", "at")
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    at = models.BigIntegerField()
    value = models.BigIntegerField()
    source = models.PositiveSmallIntegerField(choices=Source.choices, default=Source.GATEWAY)
    spool = models.BigIntegerField(
        default=0
    )  # the spool's epoch; with seq it decides which correction stands
    seq = models.BigIntegerField(default=0)
    used = models.BooleanField(default=True)  # false: an operator rejected it
    received_at = models.DateTimeField(default=timezone.now)
    marks = models.SmallIntegerField(
        default=0, db_default=0
    )  # bits of readings.review.rules: what stands out

    # the batch that brought a reading has the same `received_at`: that is how a figure finds its way back


class SupersededReading(TenantModel):
    """A value that another one for the same register and instant has replaced, or that came too late to stand."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    at = models.BigIntegerField()
    value = models.BigIntegerField()
    source = models.PositiveSmallIntegerField()
    spool = models.BigIntegerField()
    seq = models.BigIntegerField()
    superseded_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "register", "at", "source", "spool", "seq"], name="superseded_once"
            ),
        ]


class IngestBatch(TenantModel):
    """One batch of a gateway, claimed by its uuid before anything else; the stored answer is given again."""

    server = models.ForeignKey(Server, models.PROTECT, related_name="+")
    uuid = models.UUIDField()
    body_sha256 = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "server", "uuid"], name="batch_once"),
        ]
        indexes = [models.Index(fields=["programme", "received_at"], name="batch_by_time")]


class RawTelegram(TenantModel):
    """What a meter answered, byte for byte, where its gateway brings it along: one row for all its registers.

    Kept for TELEGRAM_KEEP_DAYS. A telegram tells more than is shared (months gone by, other registers), so it is
    for those who review readings only.
    """

    server = models.ForeignKey(Server, models.PROTECT, related_name="+")
    meter_ref = models.CharField(max_length=64)
    at = models.BigIntegerField()
    frames = models.TextField()  # hexadecimal; those of one answer separated by commas
    received_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "server", "meter_ref", "at"], name="telegram_once"),
        ]
        indexes = [models.Index(fields=["programme", "received_at"], name="telegram_by_time")]


class ParkedReading(TenantModel):
    """A reading of a meter that nobody has published yet. The text is kept until a publication places it."""

    server = models.ForeignKey(Server, models.PROTECT, related_name="+")
    meter_ref = models.CharField(max_length=64)
    register_ref = models.CharField(max_length=64)
    at = models.BigIntegerField()
    value = models.CharField(max_length=40)
    spool = models.BigIntegerField()
    seq = models.BigIntegerField()
    parked_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "server", "meter_ref", "register_ref", "at", "spool", "seq"],
                name="parked_once",
            ),
        ]
