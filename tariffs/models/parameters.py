"""Overrides of parameters, one dated value a row. The nearest level that has one wins (spec 2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import TenantModel
from servers.models import Building, Dwelling


class Level(models.IntegerChoices):
    """Nearest first when sorted downwards. The platform's default is code, not a row."""

    ADMINISTRATOR_PROGRAMME = 1
    OPERATOR_PROGRAMME = 2
    OPERATOR_BUILDING = 3
    OPERATOR_DWELLING = 4
    OCCUPANT_DWELLING = 5


class ParameterValue(TenantModel):
    """`value` over the local days [valid_from, valid_to), as an integer of the parameter's resolution or text.

    Prices count 10^-4 of the currency; the key's catalogue entry (tariffs/catalogue.py) tells which.
    """

    level = models.PositiveSmallIntegerField(choices=Level.choices)
    building = models.ForeignKey(Building, models.PROTECT, null=True, related_name="+")
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=40)
    value = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            # one a place: SQLite knows no NULLS NOT DISTINCT, so each kind of place has its own constraint
            models.UniqueConstraint(
                fields=["programme", "level", "key", "valid_from"],
                condition=models.Q(building=None, dwelling=None),
                name="programme_parameter_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["programme", "level", "building", "key", "valid_from"],
                condition=models.Q(building__isnull=False),
                name="building_parameter_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["programme", "level", "dwelling", "key", "valid_from"],
                condition=models.Q(dwelling__isnull=False),
                name="dwelling_parameter_once_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="parameter_ends_after_it_begins",
            ),
        ]
