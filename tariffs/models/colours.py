"""The colours of days that a supplier announces, for the options whose price follows them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantModel


class Colour(models.TextChoices):
    """Tempo has a colour every day; EJP names only its peak days."""

    BLUE = "blue", _("blue")
    WHITE = "white", _("white")
    RED = "red", _("red")
    EJP = "ejp", _("EJP")


class DayColour(TenantModel):
    """What was announced for a local day. A day without a row: not announced (Tempo), a normal day (EJP)."""

    class Option(models.TextChoices):
        TEMPO = "tempo", _("Tempo")
        EJP = "ejp", _("EJP")

    option = models.CharField(max_length=8, choices=Option.choices)
    day = models.DateField()
    colour = models.CharField(max_length=8, choices=Colour.choices)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "option", "day"], name="day_colour_once"),
        ]
