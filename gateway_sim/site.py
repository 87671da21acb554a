"""The site file: what stands in the building and on which bus, as TOML.

The agent, the simulator and the publication all read the same frozen `Site`. `load_site` refuses a file
with one `SiteError` that names the TOML path of the first fault, e.g. `meters[2].registers[0].unit`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway_sim.site_model import (
    Building,
    Bus,
    CommonArea,
    Device,
    Dwelling,
    Meter,
    RecordPick,
    Register,
    Simulation,
    Site,
)

__all__ = [
    "Building",
    "Bus",
    "CommonArea",
    "Device",
    "Dwelling",
    "Meter",
    "RecordPick",
    "Register",
    "Simulation",
    "Site",
    "SiteError",
    "load_site",
    "parse_site",
]

# Vocabulary of the publication (docs: gateway API v1).
MEDIUMS = ("heat", "cooling", "hot_water", "cold_water", "electricity", "gas", "temperature", "other")
USAGES = (
    "heating",
    "cooling",
    "hot_water",
    "sockets",
    "water",
    "other",
    "boiler",  # these three are split by the portal
    "heat_pump",
    "heat_pump_dhw",
)
KINDS = ("cumulative", "instantaneous")
FUNCTIONS = ("instantaneous", "maximum", "minimum", "error")
COUNTED = ("energy", "volume", "mass")  # what an index can count
UNITS_OF = {
    "energy": ("Wh", "kWh", "MWh", "MJ", "GJ", "Gcal"),
    "volume": ("l", "m3"),
    "mass": ("kg", "t"),
    "power": ("W", "kW"),
    "volume_flow": ("m3/h",),
    "flow_temperature": ("C",),
    "return_temperature": ("C",),
    "temperature": ("C",),
}
DEFAULT_EXPONENT = -3
DEFAULT_BAUD = 2400

_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_SECONDARY = re.compile(r"[0-9A-Fa-f]{8}(\.[A-Z]{3}\.[0-9A-Fa-f]{2}\.[0-9A-Fa-f]{2})?")
_PRIMARY = re.compile(r"[0-9]{1,3}")


class SiteError(Exception):
    """A fault of the site file; `path` is the TOML path, empty if the whole file is meant."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}" if path else message)


def load_site(path: str | Path) -> Site:
    """Read and check a site file. Raises `SiteError`."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SiteError("", f"cannot read the site file {file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SiteError("", f"the site file {file} is not UTF-8") from None
    return parse_site(text, path=file)


def parse_site(text: str, *, path: Path | None = None) -> Site:
    """As `load_site`, from the text of the file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SiteError("", f"not valid TOML: {error}") from None
    root = _Table(document, "")
    buses = {name: _bus(name, table) for name, table in root.named_tables("buses")}
    buildings = tuple(_building(table) for table in root.tables("buildings"))
    meters = tuple(_meter(table) for table in root.tables("meters"))
    devices = tuple(_device(table) for table in root.tables("devices"))
    root.finish()
    site = Site(buses, buildings, meters, devices, path)
    _check_references(site)
    return site


class _Table:
    """One TOML table that remembers its path and which keys were asked for, so a misspelt key is a fault."""

    def __init__(self, data: dict[str, Any], path: str) -> None:
        self.data = data
        self.path = path
        self.seen: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, message: str) -> SiteError:
        return SiteError(self.at(key), message)

    def get(self, key: str) -> Any:
        self.seen.add(key)
        return self.data.get(key)

    def text(self, key: str, *, choices: tuple[str, ...] = (), longest: int = 80) -> str:
        value = self.get(key)
        if value is None:
            raise self.fault(key, "is missing")
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, "must be a text that is not empty")
        if len(value) > longest:
            raise self.fault(key, f"is longer than {longest} characters")
        if choices and value not in choices:
            raise self.fault(key, f"{value!r} is none of {', '.join(choices)}")
        return value

    def whole(self, key: str, default: int | None, lowest: int, highest: int) -> int | None:
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise self.fault(key, f"must be a whole number from {lowest} to {highest}")
        return value

    def number(self, key: str) -> Decimal | None:
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int) or not _DECIMAL.fullmatch(str(value)):
            raise self.fault(key, 'must be a decimal number in quotes, such as "12.5"')
        return Decimal(value)

    def tables(self, key: str) -> Iterator[_Table]:
        value = self.get(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.fault(key, f"must be written as [[{self.at(key)}]]")
        for index, item in enumerate(value):
            table = _Table(item, f"{self.at(key)}[{index}]")
            yield table
            table.finish()

    def named_tables(self, key: str) -> Iterator[tuple[str, _Table]]:
        value = self.get(key)
        if value is None:
            return
        if not isinstance(value, dict) or not all(isinstance(item, dict) for item in value.values()):
            raise self.fault(key, f"must be written as [{key}.NAME]")
        for name, item in value.items():
            table = _Table(item, f"{key}.{name}")
            yield name, table
            table.finish()

    def table(self, key: str) -> _Table | None:
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fault(key, "must be a table")
        return _Table(value, self.at(key))

    def finish(self) -> None:
        for key in self.data:
            if key not in self.seen:
                raise self.fault(key, "is not a known key")


def _bus(name: str, table: _Table) -> Bus:
    baud = table.whole("baud", DEFAULT_BAUD, 300, 115200)
    return Bus(name, table.text("port", longest=250), baud or DEFAULT_BAUD)


def _building(table: _Table) -> Building:
    dwellings = tuple(
        Dwelling(
            t.text("ref", longest=64),
            t.text("name", longest=120),
            t.whole("floor", None, -99, 999),
            t.number("area"),
        )
        for t in table.tables("dwellings")
    )
    areas = tuple(
        CommonArea(t.text("ref", longest=64), t.text("name", longest=120))
        for t in table.tables("common_areas")
    )
    return Building(table.text("ref", longest=64), table.text("name", longest=120), dwellings, areas)


def _address(table: _Table) -> str:
    value = table.text("address")
    if _PRIMARY.fullmatch(value) and 1 <= int(value) <= 250:
        return str(int(value))
    if _SECONDARY.fullmatch(value):
        return value.upper()
    raise table.fault("address", f'{value!r} is neither "1" to "250" nor "12345678" nor "12345678.KAM.04.04"')


def _meter(table: _Table) -> Meter:
    registers = tuple(_register(t) for t in table.tables("registers"))
    if not registers:
        raise table.fault("registers", "a meter has one register or more")
    return Meter(
        ref=table.text("ref", longest=64),
        place=table.text("place"),
        bus=table.text("bus"),
        address=_address(table),
        medium=table.text("medium", choices=MEDIUMS),
        usage=table.text("usage", choices=USAGES),
        manufacturer=table.text("manufacturer", longest=60),
        serial=table.text("serial", longest=40),
        registers=registers,
        telegrams=table.whole("telegrams", 1, 1, 16) or 1,
    )


def _register(table: _Table) -> Register:
    quantity = table.text("quantity", choices=tuple(UNITS_OF))
    unit = table.text("unit")
    if unit not in UNITS_OF[quantity]:
        allowed = ", ".join(UNITS_OF[quantity])
        raise table.fault("unit", f"{unit!r} does not measure {quantity}; it takes {allowed}")
    exponent = table.whole("exponent", DEFAULT_EXPONENT, -9, 9)
    rollover = table.number("rollover")
    if rollover is not None and rollover <= 0:
        raise table.fault("rollover", "must be more than 0")
    kind = table.text("kind", choices=KINDS)
    if kind == "cumulative" and quantity not in COUNTED:
        raise table.fault("kind", f"{quantity} is no index: it is instantaneous")
    shared = table.get("shared")
    if shared is not None and not isinstance(shared, bool):
        raise table.fault("shared", "must be true or false")
    return Register(
        ref=table.text("ref", longest=64),
        quantity=quantity,
        unit=unit,
        exponent=DEFAULT_EXPONENT if exponent is None else exponent,
        tariff_index=table.whole("tariff_index", 0, 0, 99) or 0,
        rollover=rollover,
        kind=kind,
        shared=shared is True,
        record=_record(table),
        simulate=_simulation(table),
    )


def _record(parent: _Table) -> RecordPick:
    table = parent.table("record")
    if table is None:
        raise parent.fault("record", "is missing: it says which M-Bus record feeds the register")
    pick = RecordPick(
        quantity=table.text("quantity"),
        storage=table.whole("storage", 0, 0, 2**41) or 0,
        tariff=table.whole("tariff", 0, 0, 2**20) or 0,
        subunit=table.whole("subunit", 0, 0, 2**10) or 0,
        function=table.text("function", choices=FUNCTIONS) if "function" in table.data else "instantaneous",
    )
    table.finish()
    return pick


def _simulation(parent: _Table) -> Simulation | None:
    table = parent.table("simulate")
    if table is None:
        return None
    stamp = table.get("at")
    if isinstance(stamp, str):
        try:
            stamp = datetime.fromisoformat(stamp)
        except ValueError:
            stamp = None
    if not isinstance(stamp, datetime) or stamp.tzinfo is None:
        raise table.fault("at", 'must be an instant with its offset, such as "2026-11-22T00:00:00Z"')
    index = table.number("index")
    if index is None:
        raise table.fault("index", "is missing")
    per_day = table.number("per_day")
    table.finish()
    return Simulation(stamp.astimezone(UTC), index, Decimal(0) if per_day is None else per_day)


def _device(table: _Table) -> Device:
    commands = table.get("commands")
    if not isinstance(commands, list) or not all(isinstance(item, str) and item for item in commands):
        raise table.fault("commands", 'must be a list of texts, such as ["on", "off"]')
    return Device(
        table.text("ref", longest=64),
        table.text("place"),
        table.text("name", longest=120),
        table.text("kind", longest=40),
        tuple(commands),
    )


def _unique(path: str, seen: set[str], ref: str) -> None:
    if ref in seen:
        raise SiteError(path, f"{ref!r} stands twice")
    seen.add(ref)


def _check_references(site: Site) -> None:
    places: set[str] = set()
    buildings: set[str] = set()
    for b, building in enumerate(site.buildings):
        _unique(f"buildings[{b}].ref", buildings, building.ref)
        for d, dwelling in enumerate(building.dwellings):
            _unique(f"buildings[{b}].dwellings[{d}].ref", places, dwelling.ref)
        for a, area in enumerate(building.common_areas):
            _unique(f"buildings[{b}].common_areas[{a}].ref", places, area.ref)
    refs: set[str] = set()
    addresses: set[str] = set()
    for m, meter in enumerate(site.meters):
        path = f"meters[{m}]"
        _unique(f"{path}.ref", refs, meter.ref)
        if meter.place not in places:
            raise SiteError(f"{path}.place", f"{meter.place!r} is no place of this file")
        if meter.bus not in site.buses:
            raise SiteError(f"{path}.bus", f"{meter.bus!r} is no bus of this file")
        _unique(f"{path}.address", addresses, f"{meter.bus} {meter.address}")
        registers: set[str] = set()
        for r, register in enumerate(meter.registers):
            _unique(f"{path}.registers[{r}].ref", registers, register.ref)
    devices: set[str] = set()
    for d, device in enumerate(site.devices):
        _unique(f"devices[{d}].ref", devices, device.ref)
        if device.place not in places:
            raise SiteError(f"devices[{d}].place", f"{device.place!r} is no place of this file")
