"""What the utility's desk keeps: applications for point numbers, when readings are due, who was reminded."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Contract
from accounts.tenancy import TenantModel
from servers.models import Medium, MeteringPoint


class NumberApplication(TenantModel):
    """A consumer asks for a metering point number; `token` makes a doubled click one application.

    waiting → assigned (then `point` stands) | refused (then `reason`) | withdrawn by the consumer.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ASSIGNED = "assigned", _("assigned")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="number_applications")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=250)
    organisation = models.CharField(max_length=200, blank=True)
    medium = models.CharField(max_length=12, choices=Medium.choices, default=Medium.HEAT)
    model = models.CharField(max_length=80, blank=True)
    serial = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=500, blank=True)
    point = models.ForeignKey(MeteringPoint, models.PROTECT, null=True, related_name="+")
    token = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "token"], name="number_application_once"),
        ]
        indexes = [
            models.Index(fields=["programme", "state", "created_at"], name="number_application_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.address}"


class DeskSettings(TenantModel):
    """When readings are due, whether people are reminded, and whom they can call."""

    due_day = models.PositiveSmallIntegerField(default=25)
    due_next_month = models.BooleanField(default=False)  # of the month after the one that is read
    remind = models.BooleanField(default=False)
    remind_before = models.PositiveSmallIntegerField(default=3)  # days before the due day
    metering_name = models.CharField(max_length=200, blank=True)
    metering_phones = models.CharField(max_length=200, blank=True)
    metering_email = models.EmailField(blank=True)
    software_name = models.CharField(max_length=200, blank=True)
    software_phones = models.CharField(max_length=200, blank=True)
    software_email = models.EmailField(blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme"], name="desk_settings_once")]

    def __str__(self) -> str:
        return f"due on day {self.due_day}"


class UploadReminder(TenantModel):
    """That a person was reminded of a period: once, however often the task runs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    period = models.DateField()  # the first day of its month
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "period", "user"], name="upload_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.period}"


class ArchivesParcel(TenantModel):
    """A ZIP of accepted archives that somebody ordered; a worker makes it. The row stays when its file is deleted.

    queued → done (then `stored_as`, `size` in bytes, `files`) | refused (then `problem` is the code of the reason).
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("archives", "being made")
        DONE = "done", pgettext_lazy("archives", "ready")
        REFUSED = "refused", pgettext_lazy("archives", "not made")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first = models.DateField()
    last = models.DateField()
    kind = models.CharField(max_length=5)  # hour | day
    form = models.CharField(max_length=5)  # csv | lers
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    problem = models.CharField(max_length=40, blank=True)
    stored_as = models.CharField(max_length=200, blank=True)
    files = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["programme", "created_at"], name="archives_parcel_newest")]

    def __str__(self) -> str:
        return f"{self.first} {self.last} {self.kind}"
