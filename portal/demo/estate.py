"""The demo residence, described once: as the document a gateway publishes and as the gateway's site file.

Meters stand on one simulated M-Bus line. `Line` is one register with its daily consumption, so that the seeded
year and the simulated bus count on from each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SERIAL = "WGQV2LWVM2WFKXM3FBN99167"
REVISION = 1
APARTMENTS = [
    # ref, name, floor, living area m², share of the building's needs
    ("A-101", "Appartement 101", 1, "62.5", 0.95),
    ("A-102", "Appartement 102", 1, "71.0", 1.20),
    ("A-103", "Appartement 103", 1, "48.2", 0.70),
    ("A-104", "Appartement 104", 1, "62.5", 1.05),
    ("A-201", "Appartement 201", 2, "62.5", 0.85),
    ("A-202", "Appartement 202", 2, "71.0", 1.10),
    ("A-203", "Appartement 203", 2, "48.2", 0.75),
    ("A-204", "Appartement 204", 2, "84.6", 1.35),
]


@dataclass(frozen=True)
class Line:
    """One register. `pattern` names the course of its consumption (portal.demo.course), `share` scales it."""

    ref: str
    quantity: str
    unit: str
    exponent: int
    pattern: str
    share: float
    tariff: int = 0
    kind: str = "cumulative"
    rollover: str | None = None


@dataclass(frozen=True)
class DemoMeter:
    ref: str
    place: str
    address: int
    medium: str
    usage: str
    manufacturer: str
    serial: str
    lines: tuple[Line, ...]
    telegrams: int = 1


def _heat(address: int, place: str, share: float) -> DemoMeter:
    return DemoMeter(
        f"heat-{place}", place, address, "heat", "heating", "KAM", f"6{address:07d}",
        (
            Line("energy", "energy", "kWh", -3, "heating", share),
            Line("volume", "volume", "m3", -3, "heating_volume", share),
            Line("flow-temperature", "flow_temperature", "C", -1, "flow_temperature", 1, kind="instantaneous"),
        ),
    )  # fmt: skip


def _hot_water(address: int, place: str, share: float) -> DemoMeter:
    return DemoMeter(
        f"hot-water-{place}", place, address, "hot_water", "hot_water", "SEN", f"2{address:07d}",
        (
            Line("energy", "energy", "kWh", -3, "hot_water_energy", share),
            Line("volume", "volume", "m3", -3, "hot_water_volume", share),
        ),
    )  # fmt: skip


def _cold_water(address: int, place: str, share: float) -> DemoMeter:
    return DemoMeter(
        f"cold-water-{place}", place, address, "cold_water", "water", "SEN", f"3{address:07d}",
        (Line("volume", "volume", "m3", -3, "cold_water_volume", share, rollover="100000"),),
    )  # fmt: skip


def _sockets(address: int, place: str, share: float, telegrams: int) -> DemoMeter:
    return DemoMeter(
        f"sockets-{place}", place, address, "electricity", "sockets", "ABB", f"4{address:07d}",
        (
            Line("off-peak", "energy", "kWh", -3, "sockets_off_peak", share, tariff=1),
            Line("peak", "energy", "kWh", -3, "sockets_peak", share, tariff=2),
        ),
        telegrams,
    )  # fmt: skip


def _other(address: int, place: str, share: float) -> DemoMeter:
    return DemoMeter(
        f"other-{place}", place, address, "electricity", "other", "ABB", f"5{address:07d}",
        (Line("energy", "energy", "kWh", -3, "other", share),),
    )  # fmt: skip


def _cooling(address: int, place: str, share: float) -> DemoMeter:
    return DemoMeter(
        f"cooling-{place}", place, address, "cooling", "cooling", "KAM", f"7{address:07d}",
        (Line("energy", "energy", "kWh", -3, "cooling", share),),
    )  # fmt: skip


def meters() -> Iterator[DemoMeter]:
    address = 0
    for ref, _name, _floor, _area, share in APARTMENTS:
        yield _heat(address + 1, ref, share)
        yield _hot_water(address + 2, ref, share)
        yield _cold_water(address + 3, ref, share)
        # two of the bus's meters answer in two telegrams
        yield _sockets(address + 4, ref, share, telegrams=2 if ref in ("A-101", "A-102") else 1)
        yield _other(address + 5, ref, share)
        address += 5
        if ref in ("A-102", "A-204"):
            yield _cooling(address + 1, ref, share)
            address += 1
    yield DemoMeter(
        "gas-boiler", "A-technical", address + 1, "gas", "other", "ELS", f"8{address + 1:07d}",
        (Line("volume", "volume", "m3", -2, "boiler_gas", 1.0),),
    )  # fmt: skip
    yield DemoMeter(
        "hall-light", "A-hall", address + 2, "electricity", "other", "ABB", f"9{address + 2:07d}",
        (Line("energy", "energy", "kWh", -3, "hall", 1.0),),
    )  # fmt: skip


BUILDING: dict[str, Any] = {
    "ref": "A",
    "name": "Bâtiment A",
    "dwellings": [
        {"ref": ref, "name": name, "floor": floor, "area": area}
        for ref, name, floor, area, _share in APARTMENTS
    ],
    "common_areas": [{"ref": "A-hall", "name": "Hall"}, {"ref": "A-technical", "name": "Local technique"}],
}
DEVICES = [
    {
        "ref": "light-hall",
        "place": "A-hall",
        "name": "Éclairage du hall",
        "kind": "light",
        "commands": ["on", "off"],
    },
    {"ref": "gate", "place": "A-hall", "name": "Portail", "kind": "gate", "commands": ["open", "close"]},
    {
        "ref": "shutter-hall",
        "place": "A-hall",
        "name": "Volet du hall",
        "kind": "shutter",
        "commands": ["up", "down", "stop"],
    },
    {
        "ref": "valve-garden",
        "place": "A-technical",
        "name": "Vanne d’arrosage",
        "kind": "valve",
        "commands": ["open", "close"],
    },
]


def _register(line: Line) -> dict[str, Any]:
    register: dict[str, Any] = {
        "ref": line.ref,
        "quantity": line.quantity,
        "unit": line.unit,
        "exponent": line.exponent,
        "tariff_index": line.tariff,
        "kind": line.kind,
        "shared": True,
    }
    if line.rollover:
        register["rollover"] = line.rollover
    return register


def publication() -> dict[str, Any]:
    """The document of design 6, as the box would send it."""
    return {
        "revision": REVISION,
        "buildings": [BUILDING],
        "meters": [
            {
                "ref": meter.ref,
                "place": meter.place,
                "medium": meter.medium,
                "usage": meter.usage,
                "manufacturer": meter.manufacturer,
                "serial": meter.serial,
                "registers": [_register(line) for line in meter.lines],
            }
            for meter in meters()
        ],
        "devices": DEVICES,
    }
