"""Archives as the meter kept them: one wide row a period, from LERS files."""

from __future__ import annotations

from django.db import models

from accounts.tenancy import TenantModel
from servers.models import Meter, MeteringPoint


class ArchiveKind(models.TextChoices):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    TOTALS = "totals"
    CURRENT = "current"


class ArchiveSeries(TenantModel):
    """The records of one kind that one meter kept for one metering point (two points can share a meter)."""

    point = models.ForeignKey(MeteringPoint, models.PROTECT, related_name="archive_series")
    meter = models.ForeignKey(Meter, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=ArchiveKind.choices)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "point", "meter", "kind"], name="series_once"),
        ]


def _value() -> models.FloatField:
    return models.FloatField(null=True)


class ArchiveRecord(TenantModel):
    """One period. `start` is the epoch second at which the period began (its wall clock in the point's zone).

    The columns carry the vocabulary's names in lower case and its units (°C, t, m³, Gcal, kgf/cm², h). The four
    masks mark values by the vocabulary's bit (`readings.lers`); rarer parameters stand in `extra`.
    """

    guarded_by_statement = True
    pk = models.CompositePrimaryKey("programme_id", "series_id", "start")
    series = models.ForeignKey(ArchiveSeries, models.PROTECT, related_name="+", db_index=False)
    start = models.BigIntegerField()
    t_in = _value()
    t_out = _value()
    t_delta = _value()
    t_cw = _value()
    t_outdoor = _value()
    m_in = _value()
    m_out = _value()
    m_delta = _value()
    v_in = _value()
    v_out = _value()
    v_delta = _value()
    p_in = _value()
    p_out = _value()
    p_delta = _value()
    q_in = _value()
    q_out = _value()
    q_delta = _value()
    normal_operation_duration = _value()
    stop_duration = _value()
    flow_underrun_duration = _value()
    flow_overrun_duration = _value()
    temp_diff_low_duration = _value()
    no_power_duration = _value()
    incident_duration = _value()
    saturated_steam_duration = _value()
    flags = models.IntegerField(default=0)
    bad = models.BigIntegerField(default=0)
    calculated = models.BigIntegerField(default=0)
    interpolated = models.BigIntegerField(default=0)
    reset = models.BigIntegerField(default=0)
    extra = models.JSONField(null=True)
    import_job = models.ForeignKey("readings.ImportJob", models.PROTECT, related_name="+", db_index=False)
    suspect = models.BigIntegerField(null=True)  # values that a rule flagged; null costs no byte


class DeviceFault(TenantModel):
    """A nonstandard situation that the meter itself recorded. Codes are the meter's own."""

    series = models.ForeignKey(ArchiveSeries, models.PROTECT, related_name="+")
    at = models.BigIntegerField()
    archive_type = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=40)
    description = models.CharField(max_length=300, blank=True)
    seconds = models.BigIntegerField(null=True)
    import_job = models.ForeignKey(
        "readings.ImportJob", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "series", "at", "archive_type", "channel", "code"],
                name="device_fault_once",
            ),
        ]


class ReplacedRecord(TenantModel):
    """What a record said before another file completed or replaced it: `record` holds its columns by name."""

    series = models.ForeignKey(ArchiveSeries, models.PROTECT, related_name="+", db_index=False)
    start = models.BigIntegerField()
    record = models.JSONField()
    import_job = models.ForeignKey("readings.ImportJob", models.PROTECT, related_name="+", db_index=False)
    replaced_by = models.ForeignKey("readings.ImportJob", models.PROTECT, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["programme", "series", "start"], name="replaced_by_period")]
