"""What a site file says, as frozen dataclasses, and the publication document made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Bus:
    """`port` is a pyserial URL or a device path."""

    name: str
    port: str
    baud: int


@dataclass(frozen=True)
class Dwelling:
    ref: str
    name: str
    floor: int | None
    area: Decimal | None  # square metres of living area


@dataclass(frozen=True)
class CommonArea:
    ref: str
    name: str


@dataclass(frozen=True)
class Building:
    ref: str
    name: str
    dwellings: tuple[Dwelling, ...]
    common_areas: tuple[CommonArea, ...]


@dataclass(frozen=True)
class RecordPick:
    """Which M-Bus record feeds a register; words of `decode`."""

    quantity: str
    storage: int = 0
    tariff: int = 0
    subunit: int = 0
    function: str = "instantaneous"


@dataclass(frozen=True)
class Simulation:
    """What a simulated register shows: `index` at `at` and `per_day` more each day, in the register's unit."""

    at: datetime
    index: Decimal
    per_day: Decimal


@dataclass(frozen=True)
class Register:
    """`exponent`: the resolution is 10^exponent of `unit`; `rollover`: where it starts again at 0."""

    ref: str
    quantity: str
    unit: str
    exponent: int
    tariff_index: int
    rollover: Decimal | None
    kind: str
    shared: bool
    record: RecordPick
    simulate: Simulation | None


@dataclass(frozen=True)
class Meter:
    """`address`: primary "1"…"250", or secondary "12345678" or "12345678.KAM.04.04"."""

    ref: str
    place: str
    bus: str
    address: str
    medium: str
    usage: str
    manufacturer: str
    serial: str
    registers: tuple[Register, ...]
    telegrams: int = 1  # used only by the simulator: over how many telegrams the answer is spread


@dataclass(frozen=True)
class Device:
    ref: str
    place: str
    name: str
    kind: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    buses: dict[str, Bus]
    buildings: tuple[Building, ...]
    meters: tuple[Meter, ...]
    devices: tuple[Device, ...]
    path: Path | None = field(default=None, compare=False)

    def meters_on(self, bus: str) -> tuple[Meter, ...]:
        return tuple(meter for meter in self.meters if meter.bus == bus)

    def device(self, ref: str) -> Device | None:
        return next((device for device in self.devices if device.ref == ref), None)

    def publication(self, revision: int) -> dict[str, Any]:
        """The document of `PUT /api/v1/publication`. Registers that are not shared are named as such:
        the portal then throws away what it parked for them."""
        return {
            "revision": revision,
            "buildings": [_building_document(building) for building in self.buildings],
            "meters": [_meter_document(meter) for meter in self.meters],
            "devices": [
                {"ref": d.ref, "place": d.place, "name": d.name, "kind": d.kind, "commands": list(d.commands)}
                for d in self.devices
            ],
        }


def _building_document(building: Building) -> dict[str, Any]:
    dwellings = []
    for dwelling in building.dwellings:
        entry: dict[str, Any] = {"ref": dwelling.ref, "name": dwelling.name}
        if dwelling.floor is not None:
            entry["floor"] = dwelling.floor
        if dwelling.area is not None:
            entry["area"] = f"{dwelling.area:f}"
        dwellings.append(entry)
    areas = [{"ref": area.ref, "name": area.name} for area in building.common_areas]
    return {"ref": building.ref, "name": building.name, "dwellings": dwellings, "common_areas": areas}


def _meter_document(meter: Meter) -> dict[str, Any]:
    registers = []
    for register in meter.registers:
        entry: dict[str, Any] = {
            "ref": register.ref,
            "quantity": register.quantity,
            "unit": register.unit,
            "exponent": register.exponent,
            "tariff_index": register.tariff_index,
            "kind": register.kind,
            "shared": register.shared,
        }
        if register.rollover is not None:
            entry["rollover"] = f"{register.rollover:f}"
        registers.append(entry)
    return {
        "ref": meter.ref,
        "place": meter.place,
        "medium": meter.medium,
        "usage": meter.usage,
        "manufacturer": meter.manufacturer,
        "serial": meter.serial,
        "registers": registers,
    }
