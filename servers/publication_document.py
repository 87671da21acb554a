"""What a publication says, checked whole and turned into plain values. Pure: no Django, no database.

`read_document(data)` gives the document, or every fault with its path; a document with one fault is refused as a
whole. Vocabulary: the gateway API v1 (docs/gateway-api.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MEDIA = frozenset(
    {"heat", "cooling", "hot_water", "cold_water", "electricity", "gas", "temperature", "other"}
)
USAGES = frozenset(
    {"heating", "cooling", "hot_water", "sockets", "water", "other", "boiler", "heat_pump", "heat_pump_dhw"}
)
_ENERGY = frozenset({"Wh", "kWh", "MWh", "MJ", "GJ", "Gcal"})
UNITS_OF = {
    "energy": _ENERGY,
    "volume": frozenset({"l", "m3"}),
    "mass": frozenset({"kg", "t"}),
    "power": frozenset({"W", "kW"}),
    "volume_flow": frozenset({"m3/h"}),
    "flow_temperature": frozenset({"C"}),
    "return_temperature": frozenset({"C"}),
    "temperature": frozenset({"C"}),
}
COUNTED = frozenset({"energy", "volume", "mass"})  # what an index can count; all else is instantaneous
KINDS = frozenset({"cumulative", "instantaneous"})
MOST_FAULTS = 200
LARGEST_SPAN = 10**15  # steps; indexes stay below it (facts of the totals)

_REF = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,62}[^\s\x00-\x1f\x7f])?")
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` and `args` make the sentence (servers.services.publication_faults)."""

    path: str
    code: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuildingEntry:
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A dwelling or a common area; `area_cm2` is the living area."""

    ref: str
    name: str
    building: str
    dwelling: bool
    floor: int | None = None
    area_cm2: int | None = None


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """`span`: steps of 10^exponent unit after which it starts again from 0."""

    ref: str
    quantity: str
    unit: str
    exponent: int
    tariff_index: int
    kind: str
    span: int | None


@dataclass(frozen=True, slots=True)
class MeterEntry:
    """`registers` are the shared ones only; `index` is its place in the document, for faults found later."""

    index: int
    ref: str
    place: str
    medium: str
    usage: str
    manufacturer: str
    serial: str
    registers: tuple[RegisterEntry, ...]


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    ref: str
    place: str
    name: str
    kind: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    buildings: tuple[BuildingEntry, ...]
    places: tuple[PlaceEntry, ...]
    meters: tuple[MeterEntry, ...]  # those with a shared register
    devices: tuple[DeviceEntry, ...]


def read_document(data: dict[str, Any]) -> tuple[Document | None, list[Fault]]:
    """(document, []) or (None, faults), at most `MOST_FAULTS` of them."""
    reader = _Reader()
    document = reader.document(data)
    return (None, reader.faults[:MOST_FAULTS]) if reader.faults else (document, [])


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._places: dict[str, str] = {}

    def fault(self, path: str, code: str, **args: Any) -> None:
        self.faults.append(Fault(path, code, args))

    def document(self, data: dict[str, Any]) -> Document:
        buildings, places = self._estate(data)
        meters = self._meters(data)
        return Document(buildings, places, meters, self._devices(data))

    # -- values -------------------------------------------------------------------------------------------

    def _list(self, data: dict[str, Any], key: str, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        found = data.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            self.fault(f"{path}{key}", "list")
            return
        for number, entry in enumerate(found):
            where = f"{path}{key}[{number}]"
            if isinstance(entry, dict):
                yield where, entry
            else:
                self.fault(where, "object")

    def _text(self, entry: dict[str, Any], key: str, path: str, *, longest: int, needed: bool = True) -> str:
        value = entry.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            self.fault(f"{path}.{key}", "missing" if value is None else "text")
            return ""
        value = " ".join(value.split())
        if (needed and not value) or any(not (c.isprintable()) for c in value):
            self.fault(f"{path}.{key}", "text")
        elif len(value) > longest:
            self.fault(f"{path}.{key}", "too_long", longest=longest)
        return value

    def _ref(self, entry: dict[str, Any], path: str, seen: dict[str, str]) -> str:
        """A ref that stands once; `seen` keeps where each of its kind stood."""
        ref = entry.get("ref")
        if not isinstance(ref, str) or not _REF.fullmatch(ref) or not ref.isprintable():
            self.fault(f"{path}.ref", "missing" if ref is None else "ref")
            return ""
        if ref in seen:
            self.fault(f"{path}.ref", "twice", ref=ref, first=seen[ref])
        else:
            seen[ref] = path
        return ref

    def _word(self, entry: dict[str, Any], key: str, path: str, known: frozenset[str]) -> str:
        word = entry.get(key)
        if word is None:
            self.fault(f"{path}.{key}", "missing")
            return ""
        if not isinstance(word, str) or word not in known:
            self.fault(f"{path}.{key}", "word", word=str(word)[:40], known=", ".join(sorted(known)))
            return ""
        return word

    def _whole(
        self, entry: dict[str, Any], key: str, path: str, low: int, high: int, absent: int | None
    ) -> int | None:
        value = entry.get(key)
        if value is None:
            return absent
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(f"{path}.{key}", "whole", low=low, high=high)
            return absent
        return value

    def _decimal(self, entry: dict[str, Any], key: str, path: str) -> Decimal | None:
        """A positive number given as a JSON number or as text, read by pattern (never by float())."""
        value = entry.get(key)
        if value is None:
            return None
        text = value if isinstance(value, str) else repr(value)
        if isinstance(value, bool) or not _NUMBER.fullmatch(text) or not Decimal(text):
            self.fault(f"{path}.{key}", "number")
            return None
        return Decimal(text)

    def _place(self, entry: dict[str, Any], path: str) -> str:
        place = entry.get("place")
        if not isinstance(place, str) or place not in self._places:
            code = "missing" if place is None else "place"
            self.fault(f"{path}.place", code, place=str(place)[:64])
            return ""
        return place

    # -- sections -----------------------------------------------------------------------------------------

    def _estate(self, data: dict[str, Any]) -> tuple[tuple[BuildingEntry, ...], tuple[PlaceEntry, ...]]:
        buildings, places = [], []
        seen: dict[str, str] = {}
        for path, entry in self._list(data, "buildings"):
            building = BuildingEntry(
                self._ref(entry, path, seen), self._text(entry, "name", path, longest=120)
            )
            buildings.append(building)
            for where, dwelling in self._list(entry, "dwellings", f"{path}."):
                ref = self._ref(dwelling, where, self._places)
                name = self._text(dwelling, "name", where, longest=120)
                floor = self._whole(dwelling, "floor", where, -99, 999, None)
                places.append(
                    PlaceEntry(ref, name, building.ref, True, floor, self._square_cm(dwelling, where))
                )
            for where, area in self._list(entry, "common_areas", f"{path}."):
                ref = self._ref(area, where, self._places)
                name = self._text(area, "name", where, longest=120)
                places.append(PlaceEntry(ref, name, building.ref, False))
        return tuple(buildings), tuple(places)

    def _square_cm(self, dwelling: dict[str, Any], path: str) -> int | None:
        area = self._decimal(dwelling, "area", path)
        if area is None:
            return None
        if area > 100_000:
            self.fault(f"{path}.area", "number")
            return None
        return int((area * 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def _meters(self, data: dict[str, Any]) -> tuple[MeterEntry, ...]:
        meters = []
        refs: dict[str, str] = {}
        serials: dict[tuple[str, str], str] = {}
        for index, (path, entry) in enumerate(self._list(data, "meters")):
            meter = MeterEntry(
                index=index,
                ref=self._ref(entry, path, refs),
                place=self._place(entry, path),
                medium=self._word(entry, "medium", path, MEDIA),
                usage=self._word(entry, "usage", path, USAGES),
                manufacturer=self._text(entry, "manufacturer", path, longest=60, needed=False),
                serial=self._text(entry, "serial", path, longest=40),
                registers=self._registers(entry, path),
            )
            if meter.serial:
                key = (meter.manufacturer, meter.serial)
                if key in serials:
                    self.fault(f"{path}.serial", "twice", ref=meter.serial, first=serials[key])
                serials.setdefault(key, path)
            if meter.registers:
                meters.append(meter)
        return tuple(meters)

    def _registers(self, meter: dict[str, Any], path: str) -> tuple[RegisterEntry, ...]:
        registers = []
        seen: dict[str, str] = {}
        for where, entry in self._list(meter, "registers", f"{path}."):
            ref = self._ref(entry, where, seen)
            shared = entry.get("shared", False)
            if not isinstance(shared, bool):
                self.fault(f"{where}.shared", "boolean")
            elif shared:
                registers.append(self._register(ref, entry, where))
        return tuple(registers)

    def _register(self, ref: str, entry: dict[str, Any], path: str) -> RegisterEntry:
        quantity = self._word(entry, "quantity", path, frozenset(UNITS_OF))
        unit = self._word(entry, "unit", path, UNITS_OF.get(quantity, frozenset().union(*UNITS_OF.values())))
        kind = entry.get("kind") or ("cumulative" if quantity in COUNTED else "instantaneous")
        if kind not in KINDS:
            self.fault(f"{path}.kind", "word", word=str(kind)[:40], known=", ".join(sorted(KINDS)))
        elif kind == "cumulative" and quantity and quantity not in COUNTED:
            self.fault(f"{path}.kind", "not_counted", quantity=quantity)
        exponent = self._whole(entry, "exponent", path, -9, 9, -3)
        tariff = self._whole(entry, "tariff_index", path, 0, 99, 0)
        assert exponent is not None
        assert tariff is not None
        span = self._span(entry, path, exponent)
        return RegisterEntry(ref, quantity, unit, exponent, tariff, kind, span)

    def _span(self, entry: dict[str, Any], path: str, exponent: int) -> int | None:
        rollover = self._decimal(entry, "rollover", path)
        if rollover is None:
            return None
        steps = rollover.scaleb(-exponent)
        if steps != steps.to_integral_value() or not 1 < steps <= LARGEST_SPAN:
            self.fault(f"{path}.rollover", "rollover")
            return None
        return int(steps)

    def _devices(self, data: dict[str, Any]) -> tuple[DeviceEntry, ...]:
        devices = []
        seen: dict[str, str] = {}
        for path, entry in self._list(data, "devices"):
            devices.append(
                DeviceEntry(
                    ref=self._ref(entry, path, seen),
                    place=self._place(entry, path),
                    name=self._text(entry, "name", path, longest=120),
                    kind=self._text(entry, "kind", path, longest=40),
                    commands=self._commands(entry, path),
                )
            )
        return tuple(devices)

    def _commands(self, entry: dict[str, Any], path: str) -> tuple[str, ...]:
        commands = entry.get("commands")
        if commands is None:
            return ()
        is_word: Callable[[Any], bool] = lambda c: isinstance(c, str) and bool(_WORD.fullmatch(c))  # noqa: E731
        if not isinstance(commands, list) or len(commands) > 20 or not all(map(is_word, commands)):
            self.fault(f"{path}.commands", "commands")
            return ()
        return tuple(dict.fromkeys(commands))
