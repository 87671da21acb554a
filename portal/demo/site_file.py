"""The gateway's site file of the demo: the same estate, with a simulated bus that counts on from the seed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.demo import course
from portal.demo.estate import BUILDING, DEVICES, DemoMeter, Line, meters

# the M-Bus record that carries a register: base quantity and, for tariff registers, the tariff
RECORD_QUANTITY = {"energy": "energy", "volume": "volume", "flow_temperature": "flow_temperature"}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _table(header: str, pairs: dict[str, Any]) -> str:
    return f"[[{header}]]\n" + "".join(f"{key} = {_value(item)}\n" for key, item in pairs.items())


def _index(line: Line, steps: int) -> str:
    return str(Decimal(steps).scaleb(line.exponent))


def _register(meter: DemoMeter, line: Line, at: datetime, steps: int) -> dict[str, Any]:
    day = at.date()
    per_day = course.steps_of_day(line, meter.ref, day)
    start = course.value_of_day(line, day) if line.kind == "instantaneous" else steps
    return {
        "ref": line.ref,
        "quantity": line.quantity,
        "unit": line.unit,
        "exponent": line.exponent,
        "tariff_index": line.tariff,
        "kind": line.kind,
        "shared": True,
        **({"rollover": line.rollover} if line.rollover else {}),
        "record": {
            "quantity": RECORD_QUANTITY[line.quantity],
            "storage": 0,
            "tariff": line.tariff,
            "subunit": 0,
            "function": "instantaneous",
        },
        "simulate": {
            "at": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "index": _index(line, start),
            "per_day": _index(line, per_day),
        },
    }


Indexes = dict[tuple[str, str], tuple[datetime, int]]


def site_text(*, bus_port: int, now: datetime, indexes: Indexes) -> str:
    """`indexes` holds, by (meter ref, register ref), an instant and the steps counted until then."""
    parts = [f'[buses.main]\nport = "socket://127.0.0.1:{bus_port}"\nbaud = 2400\n']
    parts.append(_table("buildings", {"ref": BUILDING["ref"], "name": BUILDING["name"]}))
    for dwelling in BUILDING["dwellings"]:
        parts.append(_table("buildings.dwellings", dwelling))
    for area in BUILDING["common_areas"]:
        parts.append(_table("buildings.common_areas", area))
    for meter in meters():
        parts.append(
            _table(
                "meters",
                {
                    "ref": meter.ref,
                    "place": meter.place,
                    "bus": "main",
                    "address": str(meter.address),
                    "medium": meter.medium,
                    "usage": meter.usage,
                    "manufacturer": meter.manufacturer,
                    "serial": meter.serial,
                    **({"telegrams": meter.telegrams} if meter.telegrams > 1 else {}),
                },
            )
        )
        for line in meter.lines:
            at, steps = indexes.get((meter.ref, line.ref), (now, 0))
            parts.append(_table("meters.registers", _register(meter, line, at, steps)))
    for device in DEVICES:
        parts.append(_table("devices", device))
    return "\n".join(parts)


def write_site_file(path: Path, *, bus_port: int, now: datetime, indexes: Indexes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(site_text(bus_port=bus_port, now=now, indexes=indexes), encoding="utf-8")
