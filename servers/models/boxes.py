"""TJA480 servers: the boxes on site, their secrets and what they publish."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Job, Programme
from accounts.tenancy import TenantModel
from servers.models.metering import Medium, Meter


class Server(TenantModel):
    """A box, named by the serial on its label: 24 letters and digits, never the letter O."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    serial = models.CharField(_("serial number"), max_length=24)
    description = models.CharField(_("description"), max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    activated_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    last_sync_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    spool_pending = models.PositiveIntegerField(null=True)
    spool_oldest = models.DateTimeField(null=True)
    # Silent for longer than this, its people are told; null: as the portal's settings say, 0: never.
    silent_after_minutes = models.PositiveIntegerField(null=True, blank=True)
    silent_alerted_at = models.DateTimeField(null=True)  # set while its people know that it is silent
    # One that comes and goes is told of less and less: how often of late, and when the last time was.
    silent_lately = models.PositiveSmallIntegerField(
        default=0, db_default=0
    )  # the release before does not name it
    silent_last_at = models.DateTimeField(null=True)
    # Which run of an agent spoke last, and those before it: one that comes back shows two with one identity.
    instance = models.CharField(max_length=64, blank=True, default="")
    past_instances = models.JSONField(default=list)
    twin_alarm_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "serial"],
                condition=models.Q(removed_at=None),
                name="server_serial_once",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def grouped_serial(self) -> str:
        return "-".join(self.serial[i : i + 4] for i in range(0, 24, 4))


class ServerCredential(models.Model):
    """Directory of secrets, read before the programme is known. Only HMACs are stored.

    The password of the mail works until the token it was exchanged for is first used, so that a lost answer
    does not lock the box out.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="+")
    server_id = models.BigIntegerField(unique=True)
    serial = models.CharField(max_length=24, unique=True, null=True)  # null once the server is removed
    password_digest = models.CharField(max_length=64, null=True)
    token_digest = models.CharField(max_length=64, null=True, unique=True)
    # A rotated token waits here until it is first used; the one before it is kept to know it again.
    next_token_digest = models.CharField(max_length=64, null=True, unique=True)
    past_token_digest = models.CharField(max_length=64, null=True, unique=True)
    token_used_at = models.DateTimeField(null=True)
    activation_epoch = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"credential of server {self.server_id}"


class Publication(TenantModel):
    """One document that a server published, and what became of it."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        REFUSED = "refused"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    server = models.ForeignKey(Server, models.CASCADE, related_name="publications")
    # Revisions count within one activation: a replaced box, or one set up anew, starts its own count.
    activation = models.PositiveIntegerField(default=0)
    revision = models.BigIntegerField()
    body_sha256 = models.CharField(max_length=64)
    document = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    faults = models.JSONField(default=list)
    difference = models.JSONField(default=dict)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "server", "activation", "revision"], name="publication_once"
            ),
        ]


class MeterRef(TenantModel):
    """Which meter stood behind a published ref, over [valid_from, valid_to). Readings find it by `taken_at`."""

    server = models.ForeignKey(Server, models.PROTECT, related_name="meter_refs")
    ref = models.CharField(max_length=64)
    meter = models.ForeignKey(Meter, models.PROTECT, related_name="refs")
    valid_from = models.DateTimeField(null=True)  # null: since ever
    valid_to = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "server", "ref"],
                condition=models.Q(valid_to=None),
                name="meter_ref_current_once",
            ),
        ]
        indexes = [models.Index(fields=["programme", "server", "ref"], name="meter_ref_lookup")]


class FoundMeter(TenantModel):
    """A meter that a scan of the bus found. It is shown until a publication names it or somebody dismisses it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    server = models.ForeignKey(Server, models.PROTECT, related_name="found_meters")
    address = models.CharField(max_length=40)
    manufacturer = models.CharField(max_length=60, blank=True)
    serial = models.CharField(_("serial number"), max_length=40)
    medium = models.CharField(max_length=12, choices=Medium.choices, default=Medium.OTHER)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "server", "manufacturer", "serial"], name="found_meter_once"
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class LostSpan(TenantModel):
    """A time without readings that a server told of: [since, until) of one of its meters; `until` may be open.

    The server repeats its list in each heartbeat. What it told once stays: a loss does not heal by being forgotten.
    """

    server = models.ForeignKey(Server, models.PROTECT, related_name="lost_spans")
    meter_ref = models.CharField(max_length=200)
    since = models.DateTimeField()  # 1970 where the server did not say
    until = models.DateTimeField(null=True)
    told_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "server", "meter_ref", "since"], name="lost_span_once"
            ),
        ]
