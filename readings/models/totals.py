"""Consumption as used: exact differences of the index function, a row a register, local day and tariff band."""

from __future__ import annotations

from django.db import models

from accounts.tenancy import TenantModel
from servers.models import Register


class TotalStatus(models.IntegerChoices):
    MEASURED = 0
    ESTIMATED = 1
    DISPUTED = 2
    SUBSTITUTED = 3


class Calendar(TenantModel):
    """The local days of one zone, cut at the minutes where a tariff band changes.

    `bands` is {"0": 0} where no clock divides the day, else {"schedule": [[day ordinal, option, windows], …]}: what
    holds from which day on.
    """

    time_zone = models.CharField(max_length=64)
    option = models.CharField(max_length=40)  # "plain", or a digest of the schedule
    bands = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "time_zone", "option"], name="calendar_once"),
        ]


class CalendarCut(TenantModel):
    """[at, next_at) belongs to local day `day` (proleptic ordinal) and tariff band `band`."""

    pk = models.CompositePrimaryKey("programme_id", "calendar_id", "at")
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="+", db_index=False)
    at = models.BigIntegerField()
    next_at = models.BigIntegerField()
    day = models.IntegerField()
    band = models.SmallIntegerField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["programme", "calendar", "day"], name="cut_by_day")]


class TouchedSpan(TenantModel):
    """A change of readings over [t0, t1] whose days have not been recomputed yet. Append-only until drained."""

    guarded_by_statement = True
    register = models.ForeignKey(Register, models.CASCADE, related_name="+", db_index=False)
    t0 = models.BigIntegerField()
    t1 = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["programme", "register"], name="touched_by_register")]


class DayTotal(TenantModel):
    """`quantity` in steps of the register's resolution over `seconds` covered of the local day `day` (ordinal)."""

    guarded_by_statement = True
    pk = models.CompositePrimaryKey("programme_id", "register_id", "day", "band")
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    day = models.IntegerField()
    band = models.SmallIntegerField(default=0)
    quantity = models.BigIntegerField()
    seconds = models.BigIntegerField()
    status = models.PositiveSmallIntegerField(choices=TotalStatus.choices, default=TotalStatus.MEASURED)


class BandsOf(TenantModel):
    """The calendar that cut a register's totals when the bands were last followed; without a row, none did."""

    pk = models.CompositePrimaryKey("programme_id", "register_id")
    register = models.ForeignKey(Register, models.CASCADE, related_name="+", db_index=False)
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="+", db_index=False)
