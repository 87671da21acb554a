"""One uploaded file, what became of it, what was wrong with it, and how it was to be read."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantModel
from servers.models import MeteringPoint, Register


class LersProfile(TenantModel):
    """How the senders of one utility write their archives. A change is a new version; the highest one counts."""

    class Stamp(models.TextChoices):
        START = "start", _("the start of the period")
        END = "end", _("the end of the period")

    class Duplicates(models.TextChoices):
        ALL = "all", _("everybody who sends files may replace stored values")
        DESK = "desk", _("only the utility's desk may replace stored values")
        KEEP = "keep", _("stored values are always kept")

    class Decimal(models.TextChoices):
        ANY = "any", _("point or comma")
        POINT = ".", _("decimal point")
        COMMA = ",", _("decimal comma")

    class DateOrder(models.TextChoices):
        ANY = "any", _("as the file's other dates show")
        DAY_FIRST = "dmy", _("the day stands first")
        MONTH_FIRST = "mdy", _("the month stands first")

    version = models.PositiveIntegerField()
    hour_stamp = models.CharField(max_length=5, choices=Stamp.choices, default=Stamp.START)
    day_stamp = models.CharField(max_length=5, choices=Stamp.choices, default=Stamp.START)
    month_stamp = models.CharField(max_length=5, choices=Stamp.choices, default=Stamp.START)
    time_zone = models.CharField(max_length=64, blank=True)  # of the stamps; empty: the metering point's own
    units = models.JSONField(default=dict)  # family of parameters ("Q") -> unit in the files ("GJ")
    duplicates = models.CharField(max_length=4, choices=Duplicates.choices, default=Duplicates.ALL)
    decimal = models.CharField(max_length=3, choices=Decimal.choices, default=Decimal.ANY)
    date_order = models.CharField(
        max_length=3, choices=DateOrder.choices, default=DateOrder.ANY, db_default=DateOrder.ANY
    )
    names = models.JSONField(default=dict)  # aliases, parameter_ids, point_keys, time_keys of `lers.Profile`
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "version"], name="lers_profile_version_once"),
        ]

    def __str__(self) -> str:
        return f"LERS profile {self.version}"


class TableMapping(TenantModel):
    """Which column of somebody's table means what, kept under a name. `columns`: see `readings.tabular.mapping`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    columns = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "name"], name="table_mapping_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportJob(TenantModel):
    """One file. Of a refused, cancelled or undone one nothing is stored.

    queued → running → done | done_with_issues | refused; or running → checked (waits for a person's word, nothing
    is stored yet) → queued again | cancelled; or mapping (a table whose columns are not chosen yet) → queued.
    What was done may become undone.
    """

    class State(models.TextChoices):
        MAPPING = "mapping"
        QUEUED = "queued"
        RUNNING = "running"
        CHECKED = "checked"
        CANCELLED = "cancelled"
        DONE = "done"
        DONE_WITH_ISSUES = "done_with_issues"
        REFUSED = "refused"
        UNDONE = "undone"

    class Format(models.TextChoices):
        LERS = "lers"
        TABLE = "table"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    point = models.ForeignKey(MeteringPoint, models.PROTECT, null=True, related_name="import_jobs")
    format = models.CharField(max_length=5, choices=Format.choices, default=Format.LERS)
    parcel = models.UUIDField(null=True)  # of files that were sent together
    file_name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    replace = models.BooleanField(default=False)
    check_first = models.BooleanField(default=False)  # stop before storing, even if nothing is wrong
    confirmed_at = models.DateTimeField(null=True)
    profile = models.ForeignKey(LersProfile, models.PROTECT, null=True, related_name="+")
    mapping = models.JSONField(default=dict)  # the columns with which a table was read
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    refusal = models.CharField(max_length=40, blank=True)
    refusal_data = models.JSONField(default=dict)
    bytes_done = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict)
    receipt_number = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["programme", "point", "created_at"], name="import_by_point"),
            models.Index(fields=["programme", "sha256"], name="import_by_hash"),
            models.Index(fields=["programme", "parcel"], name="import_by_parcel"),
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


class ReadingBefore(TenantModel):
    """What stood at one instant of a register before an import changed it: undoing puts it back to the digit.

    `value` is None where nothing stood. The other columns are those of `Reading`.
    """

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="readings_before", db_index=False)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    at = models.BigIntegerField()
    value = models.BigIntegerField(null=True)
    source = models.PositiveSmallIntegerField(default=0)
    spool = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    used = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "job", "register", "at"], name="reading_before_once"
            ),
        ]


class HandEntry(TenantModel):
    """One value that a person typed, as they typed it; `token` makes a doubled click one entry."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    at = models.BigIntegerField()
    value = models.BigIntegerField()  # in steps of the register's resolution
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    token = models.UUIDField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrected_by")
    reason = models.CharField(max_length=200, blank=True)
    warnings = models.JSONField(default=list)  # codes of what was unlikely, and confirmed by the person
    receipt_number = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "token", "register"], name="hand_entry_once"),
        ]
        indexes = [models.Index(fields=["programme", "register", "at"], name="hand_entry_by_register")]
