"""What occupants may see and switch beyond their own dwelling's consumption (seed 4.3, *Droits*)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantModel
from servers.models.estate import CommonArea, Device, Occupancy
from servers.models.metering import MeteringPoint


class OccupantRight(TenantModel):
    """One tick of the page *Rights*. Of a device or a meter: of one, of a whole zone, or (neither) of all zones.

    Without an occupancy it holds for all occupants of the programme; with one it is that person's exception, which
    may also take away. `key` says in one word what the row is about (`servers.rights.decide.key_of`).
    """

    class Right(models.TextChoices):
        EUROS = "euros", _("see the consumption in euros")
        DEVICE = "device", _("see and control a device of the common areas")
        METER = "meter", _("see a meter of the common areas")

    right = models.CharField(max_length=6, choices=Right.choices)
    common_area = models.ForeignKey(CommonArea, models.CASCADE, null=True, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, null=True, related_name="+")
    point = models.ForeignKey(MeteringPoint, models.CASCADE, null=True, related_name="+")
    occupancy = models.ForeignKey(Occupancy, models.CASCADE, null=True, related_name="rights")
    key = models.CharField(max_length=40, editable=False)
    allowed = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "key"], condition=models.Q(occupancy=None), name="right_once"
            ),
            models.UniqueConstraint(
                fields=["programme", "occupancy", "key"],
                condition=models.Q(occupancy__isnull=False),
                name="right_exception_once",
            ),
        ]

    def __str__(self) -> str:
        return self.key
