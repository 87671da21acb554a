"""Buildings, dwellings, common areas, who lives where, and what can be switched."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantModel


class Place(TenantModel):
    """Something with a name and a `ref` given by the configurator. What a publication drops is retired, not deleted."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=120)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name


class Building(Place):
    """The same ref in one programme is the same building, whichever server publishes it."""

    time_zone = models.CharField(max_length=64, blank=True)

    class Meta(Place.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["programme", "ref"], name="building_ref_once")]


class Dwelling(Place):
    building = models.ForeignKey(Building, models.PROTECT, related_name="dwellings")
    server = models.ForeignKey("servers.Server", models.PROTECT, null=True, related_name="dwellings")
    floor = models.SmallIntegerField(_("floor"), null=True, blank=True)
    area_cm2 = models.BigIntegerField(null=True, blank=True)  # living area; integers add up

    class Meta(Place.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["programme", "building", "ref"], name="dwelling_ref_once")
        ]


class CommonArea(Place):
    building = models.ForeignKey(Building, models.PROTECT, related_name="common_areas")
    server = models.ForeignKey("servers.Server", models.PROTECT, null=True, related_name="common_areas")

    class Meta(Place.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["programme", "building", "ref"], name="common_area_ref_once")
        ]


class Occupancy(TenantModel):
    """Who lives in a dwelling over [move_in, move_out), in local days: the security boundary of every occupant page."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="occupancies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # What the operator calls them: the account's own name may come from another programme, and stays there.
    name = models.CharField(_("name"), max_length=120, blank=True)
    move_in = models.DateField(_("move-in"))
    move_out = models.DateField(_("move-out"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(move_out=None) | models.Q(move_out__gt=models.F("move_in")),
                name="occupancy_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["programme", "dwelling", "user", "move_in"], name="occupancy_once"
            ),
        ]
        indexes = [models.Index(fields=["programme", "user"], name="occupancy_by_user")]

    @property
    def person_name(self) -> str:
        return self.name or str(self.user)


class Device(TenantModel):
    """A light, shutter or valve in a dwelling or common area."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    server = models.ForeignKey("servers.Server", models.PROTECT, related_name="devices")
    ref = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    commands = models.JSONField(default=list)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, null=True, related_name="devices")
    common_area = models.ForeignKey(CommonArea, models.PROTECT, null=True, related_name="devices")
    retired_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=32, blank=True, default="")  # as the server told it: on, off, open, …
    state_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme", "server", "ref"], name="device_ref_once")]

    def __str__(self) -> str:
        return self.name


class DeviceSettings(TenantModel):
    """How a programme has its devices switched; one row, and none means the defaults."""

    # null: a signed-in person just switches; else their password must have been given so lately
    reauth_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    audit = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme"], name="device_settings_once")]


class CommandOrder(TenantModel):
    """One switching of a device. It is told to the server again and again until a result or `expires_at`; the
    server's journal makes it happen at most once."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="orders")
    command = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    message = models.CharField(max_length=200, blank=True)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    key = models.UUIDField(null=True)  # of the form it was ordered with: a double click is one order

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["programme", "key"], name="order_once")]
        indexes = [models.Index(fields=["programme", "state", "expires_at"], name="order_waiting")]
