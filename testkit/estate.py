"""Small buildings for tests: a dwelling with meters, and day totals or readings for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from accounts.models import Programme
from accounts.tenancy import tenant_scope
from readings.models import DayTotal, TotalStatus
from servers.models import Building, Dwelling, Meter, MeteringPoint, MeterInstallation, Register

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Home:
    """A dwelling; `registers` by the name given to `meter`."""

    programme: Programme
    dwelling: Dwelling
    registers: dict[str, Register]

    def meter(self, name: str, *, medium: str, usage: str, registers: list[dict[str, Any]]) -> None:
        """Install a meter; each dict gives a register's fields over the defaults (energy in kWh, Wh steps)."""
        with tenant_scope(self.programme.pk):
            point = MeteringPoint.objects.create(
                name=name, medium=medium, usage=usage, dwelling=self.dwelling
            )
            meter = Meter.objects.create(serial=f"{self.dwelling.ref}-{name}", medium=medium)
            installation = MeterInstallation.objects.create(meter=meter, point=point, installed_at=LONG_AGO)
            for fields in registers:
                values = {"ref": "energy", "quantity": "energy", "unit": "kWh", "exponent": -3, **fields}
                register = Register.objects.create(installation=installation, **values)
                self.registers[f"{name}/{register.ref}"] = register

    def total(self, name: str, day: date, steps: int, *, status: int = TotalStatus.MEASURED) -> None:
        with tenant_scope(self.programme.pk):
            DayTotal.objects.create(
                register=self.registers[name],
                day=day.toordinal(),
                quantity=steps,
                seconds=86400,
                status=status,
            )


def make_home(programme: Programme, ref: str = "A-101", name: str = "Appartement 101") -> Home:
    with tenant_scope(programme.pk):
        building, _created = Building.objects.get_or_create(ref="A", defaults={"name": "Bâtiment A"})
        dwelling = Dwelling.objects.create(building=building, ref=ref, name=name)
    return Home(programme, dwelling, {})
