"""A small building in two programmes, alike in every name: what leaks is seen by its serial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from accounts.tenancy import tenant_scope
from servers.models import (
    Building,
    CommonArea,
    Device,
    Dwelling,
    Medium,
    Meter,
    MeteringPoint,
    MeterInstallation,
    Occupancy,
    Register,
    Server,
    Usage,
)
from testkit.world import Housing

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)  # 10:15 in Paris
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class Estate:
    server: Server
    building: Building
    dwellings: dict[str, Dwelling]
    area: CommonArea
    serial: str  # of the heat meter in 101


def stand(housing: Housing, serial: str) -> Estate:
    """Building A with 101, 102 and 110 and a hall; the programme's occupant lives in 101 since March."""
    with tenant_scope(housing.programme.pk):
        server = Server.objects.create(
            serial=(serial * 24)[:24], description="Serveur Lila", activated_at=BEGAN, published_at=BEGAN,
            last_sync_at=NOW - timedelta(minutes=5),
        )  # fmt: skip
        building = Building.objects.create(ref="A", name="Bâtiment A")
        dwellings = {
            number: Dwelling.objects.create(
                ref=f"A-{number}", name=f"Appartement {number}", building=building, server=server,
                floor=1, area_cm2=524_500,
            )
            for number in ("110", "102", "101")
        }  # fmt: skip
        area = CommonArea.objects.create(ref="hall", name="Hall d'entrée", building=building, server=server)
        add_meter(f"{serial}-HEAT", dwelling=dwellings["101"])
        add_meter(f"{serial}-LIGHT", common_area=area, medium=Medium.ELECTRICITY, usage=Usage.OTHER)
        Device.objects.create(
            server=server, ref="lamp", name="Lampe", kind="light", commands=["on", "off"], common_area=area
        )
        Occupancy.objects.create(
            dwelling=dwellings["101"], user=housing.occupant, name=f"Roy {serial}", move_in=date(2026, 3, 1)
        )
    return Estate(server, building, dwellings, area, f"{serial}-HEAT")


def add_meter(
    serial: str,
    *,
    dwelling: Dwelling | None = None,
    common_area: CommonArea | None = None,
    medium: str = Medium.HEAT,
    usage: str = Usage.HEATING,
) -> MeterInstallation:
    meter = Meter.objects.create(manufacturer="KAM", serial=serial, medium=medium)
    point = MeteringPoint.objects.create(
        name=serial, medium=medium, usage=usage, dwelling=dwelling, common_area=common_area
    )
    installation = MeterInstallation.objects.create(meter=meter, point=point, installed_at=BEGAN)
    Register.objects.create(installation=installation, ref="energy", quantity="energy", unit="kWh")
    return installation
