"""What a contract was charged and paid, closed periods, and the bills that were made of it.

Money is stored as whole minor units of its currency. A statement is never stored: it is the sum of its entries, so
it cannot differ from them.
"""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Contract, OutboxMessage
from accounts.tenancy import TenantModel
from servers.models import MeteringPoint


class PeriodClosing(TenantModel):
    """The utility closed a month (its first day). Opened again, the row stays with the reason, and its entries count
    no more. `fill`: what is done about days without a measured value."""

    class State(models.TextChoices):
        QUEUED = "queued"
        DONE = "done"

    class Fill(models.TextChoices):
        NONE = "none"
        MEAN = "mean"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    month = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    fill = models.CharField(max_length=8, choices=Fill.choices, default=Fill.NONE)
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "month"],
                condition=models.Q(reopened_at=None),
                name="period_closed_once",
            ),
        ]


class StatementImport(TenantModel):
    """A table of statement lines or payments that was taken in; the same bytes again add nothing."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)  # lines | payments
    lines = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "sha256"], name="statement_import_once"),
        ]


class StatementEntry(TenantModel):
    """One amount of a contract in a month. `key` says what it is, once: a repetition has the same key.

    Amounts of the kinds charged, additional, refunded and paid are what their column shows (a charge is positive); an
    opening balance is positive for credit. `about` is the closed month that a correction concerns; `detail` explains a
    charge down to its days and does not change when the archive does.
    """

    class Kind(models.TextChoices):
        OPENING = "opening"
        CHARGED = "charged"
        ADDITIONAL = "additional"
        REFUNDED = "refunded"
        PAID = "paid"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    service = models.CharField(max_length=60)  # "main", "penalty", or as the utility's own list names it
    kind = models.CharField(max_length=10, choices=Kind.choices)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    key = models.CharField(max_length=120)
    point = models.ForeignKey(MeteringPoint, models.PROTECT, null=True, related_name="+")
    about = models.DateField(null=True)
    closing = models.ForeignKey(PeriodClosing, models.PROTECT, null=True, related_name="+")
    statement_import = models.ForeignKey(StatementImport, models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme", "key"], name="statement_entry_once")]
        indexes = [
            models.Index(fields=["programme", "contract", "month"], name="entry_by_contract"),
            models.Index(fields=["programme", "month", "point"], name="entry_by_point"),
        ]

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-2)


class PointTerms(TenantModel):
    """What a metering point is charged for whatever it uses, from a local day on; the newest row not after a day holds.

    `load`: the heat load of the contract in 10⁻⁶ Gcal/h, 0 for none. `reporting_day`: the last day of the month's
    period, 0 for the end of the month; the row of a month's first day holds. Before its first row a point is charged
    nothing; a point without rows is charged from ever.
    """

    point = models.ForeignKey(MeteringPoint, models.CASCADE, related_name="terms")
    valid_from = models.DateField()
    load = models.BigIntegerField(default=0)
    reporting_day = models.PositiveSmallIntegerField(default=0)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "point", "valid_from"], name="point_terms_once"),
            models.CheckConstraint(condition=models.Q(load__gte=0), name="point_load_not_negative"),
        ]


class Bill(TenantModel):
    """A bill somebody ordered: `figures` is what it says since a worker made it. The same statement ordered again by
    the same person (`content`, a digest) is the same bill."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+")
    month = models.DateField()
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    content = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)
    language = models.CharField(max_length=2, default="ru")
    created_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True)
    message = models.ForeignKey(OutboxMessage, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "contract", "month", "ordered_by", "content"], name="bill_once"
            ),
        ]
