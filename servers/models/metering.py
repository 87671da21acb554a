"""Metering points, the meters that stood at them, and their registers.

A `Register` belongs to one installation, so it is one *segment* of the index function: an exchange closes an
installation and opens another with registers of its own. Indexes are integers of the register's resolution
(10^exponent of its unit), instants whole epoch seconds.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contract
from accounts.tenancy import TenantModel
from servers.models.estate import Building, CommonArea, Dwelling


class Medium(models.TextChoices):
    HEAT = "heat", _("heat")
    COOLING = "cooling", _("cooling")
    HOT_WATER = "hot_water", _("hot water")
    COLD_WATER = "cold_water", _("cold water")
    ELECTRICITY = "electricity", _("electricity")
    GAS = "gas", _("gas")
    TEMPERATURE = "temperature", _("temperature")
    OTHER = "other", _("other")


class Usage(models.TextChoices):
    """The five usages, water, and the three sources that a formula splits."""

    HEATING = "heating", _("heating")
    COOLING = "cooling", _("cooling")
    HOT_WATER = "hot_water", _("hot water")
    SOCKETS = "sockets", _("sockets")
    OTHER = "other", _("other")
    WATER = "water", _("water")
    BOILER = "boiler", _("boiler")
    HEAT_PUMP = "heat_pump", _("heat pump")
    HEAT_PUMP_DHW = "heat_pump_dhw", _("heat pump with hot water")


class Quantity(models.TextChoices):
    ENERGY = "energy", _("energy")
    VOLUME = "volume", _("volume")
    MASS = "mass", _("mass")
    POWER = "power", _("power")
    VOLUME_FLOW = "volume_flow", _("volume flow")
    FLOW_TEMPERATURE = "flow_temperature", _("flow temperature")
    RETURN_TEMPERATURE = "return_temperature", _("return temperature")
    TEMPERATURE = "temperature", _("temperature")


class MeteringPoint(TenantModel):
    """What is metered, for whom and where. It survives meter exchanges."""

    class TotalsSource(models.TextChoices):
        INDEX = "index", _("index readings")
        ARCHIVE = "archive", _("archive records")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("metering point number"), max_length=20, null=True, blank=True)
    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=250, blank=True)
    medium = models.CharField(max_length=12, choices=Medium.choices)
    usage = models.CharField(max_length=14, choices=Usage.choices)
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="points")
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, null=True, blank=True, related_name="points")
    common_area = models.ForeignKey(CommonArea, models.PROTECT, null=True, blank=True, related_name="points")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True, related_name="points")
    time_zone = models.CharField(max_length=64, blank=True)  # empty: the building's, else the programme's
    totals_source = models.CharField(max_length=8, choices=TotalsSource.choices, default=TotalsSource.INDEX)
    admitted_until = models.DateField(_("admitted until"), null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="point_number_once"),
        ]
        indexes = [
            models.Index(fields=["programme", "dwelling"], name="point_by_dwelling"),
            models.Index(fields=["programme", "contract"], name="point_by_contract"),
        ]

    def __str__(self) -> str:
        return self.name


class Meter(TenantModel):
    """A physical instrument, known by manufacturer and factory number."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    manufacturer = models.CharField(max_length=60, blank=True)
    serial = models.CharField(_("serial number"), max_length=40)
    model = models.CharField(max_length=80, blank=True)
    medium = models.CharField(max_length=12, choices=Medium.choices)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verified_until = models.DateField(_("verified until"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "manufacturer", "serial"], name="meter_serial_once"),
        ]
        indexes = [models.Index(fields=["programme", "serial"], name="meter_by_serial")]

    def __str__(self) -> str:
        return self.serial


class MeterInstallation(TenantModel):
    """This meter stands at this point over [installed_at, removed_at)."""

    meter = models.ForeignKey(Meter, models.PROTECT, related_name="installations")
    point = models.ForeignKey(MeteringPoint, models.PROTECT, related_name="installations")
    installed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "point", "meter", "installed_at"], name="installation_once"
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(removed_at__gt=models.F("installed_at")),
                name="installation_ends_after_it_begins",
            ),
        ]


class Register(TenantModel):
    """One counting (or instantaneous) value of an installed meter."""

    class Kind(models.TextChoices):
        CUMULATIVE = "cumulative"
        INSTANTANEOUS = "instantaneous"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    installation = models.ForeignKey(MeterInstallation, models.PROTECT, related_name="registers")
    ref = models.CharField(max_length=64)
    quantity = models.CharField(max_length=20, choices=Quantity.choices)
    unit = models.CharField(max_length=8)
    exponent = models.SmallIntegerField(default=-3)  # the index counts steps of 10^exponent unit
    tariff_index = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=13, choices=Kind.choices, default=Kind.CUMULATIVE)
    span = models.BigIntegerField(null=True, blank=True)  # steps after which it starts again from 0
    max_per_hour = models.BigIntegerField(null=True, blank=True)  # steps: tells a rollover from a fault
    gap_seconds = models.BigIntegerField(default=2 * 86400)  # a longer bracket makes its days estimated
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "installation", "ref"],
                condition=models.Q(retired_at=None),
                name="register_ref_once",
            ),
        ]
