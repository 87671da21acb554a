"""Who answers: the fixed part in front of the records, manufacturer codes, media."""

from __future__ import annotations

from typing import NamedTuple

from gateway_sim.mbus.errors import EncodeError


class Header(NamedTuple):
    """`id` is eight digits as text (a meter may send hexadecimal ones); a part the answer does not carry is
    None (short headers carry no identity, fixed structures no manufacturer)."""

    id: str | None = None
    manufacturer: str | None = None
    version: int | None = None
    medium: int | None = None
    access_number: int | None = None
    status: int | None = None
    configuration: int = 0

    @property
    def medium_name(self) -> str:
        return "" if self.medium is None else MEDIA.get(self.medium, f"{self.medium:02X}")

    @property
    def secondary(self) -> str:
        """`id.manufacturer.version.medium` as a site file writes it."""
        if self.id is None:
            return ""
        if self.manufacturer is None or self.version is None or self.medium is None:
            return self.id
        return f"{self.id}.{self.manufacturer}.{self.version:02X}.{self.medium:02X}"


LONG_SIZE = 12
SHORT_SIZE = 4

MEDIA = {
    0x00: "other", 0x01: "oil", 0x02: "electricity", 0x03: "gas", 0x04: "heat_outlet", 0x05: "steam",
    0x06: "hot_water", 0x07: "water", 0x08: "heat_cost_allocator", 0x09: "compressed_air",
    0x0A: "cooling_outlet", 0x0B: "cooling_inlet", 0x0C: "heat_inlet", 0x0D: "heat_cooling", 0x0E: "bus_system",
    0x0F: "unknown", 0x10: "irrigation_water", 0x11: "water_data_logger", 0x12: "gas_data_logger",
    0x13: "gas_converter", 0x14: "calorific_value", 0x15: "hot_water_90", 0x16: "cold_water",
    0x17: "dual_water", 0x18: "pressure", 0x19: "ad_converter", 0x1A: "smoke_detector", 0x1B: "room_sensor",
    0x1C: "gas_detector", 0x20: "breaker", 0x21: "valve", 0x25: "customer_unit", 0x28: "waste_water",
    0x29: "garbage", 0x2A: "carbon_dioxide", 0x31: "communication_controller", 0x36: "radio_converter",
}  # fmt: skip


def manufacturer_name(code: int) -> str:
    """Three letters, five bits each; the top bit only says how far the address is unique."""
    return chr((code >> 10 & 31) + 64) + chr((code >> 5 & 31) + 64) + chr((code & 31) + 64)


def manufacturer_code(name: str) -> int:
    if len(name) != 3 or not all(64 <= ord(c) < 96 for c in name):
        raise EncodeError("manufacturer", f"{name!r} is not a manufacturer code of three capital letters")
    return (ord(name[0]) - 64) << 10 | (ord(name[1]) - 64) << 5 | (ord(name[2]) - 64)


def parse_long(data: bytes, reverse: bool = False) -> Header:
    """The twelve bytes after CI 72h (`reverse`: CI 76h, most significant byte first)."""
    ident = data[:4] if reverse else data[3::-1]
    maker = data[4] << 8 | data[5] if reverse else data[5] << 8 | data[4]
    configuration = data[10] << 8 | data[11] if reverse else data[11] << 8 | data[10]
    name = manufacturer_name(maker)
    return Header(ident.hex().upper(), name, data[6], data[7], data[8], data[9], configuration)


def parse_short(data: bytes, reverse: bool = False) -> Header:
    configuration = data[2] << 8 | data[3] if reverse else data[3] << 8 | data[2]
    return Header(access_number=data[0], status=data[1], configuration=configuration)


def build_long(header: Header) -> bytes:
    ident = bytes.fromhex((header.id or "0").rjust(8, "0"))
    if len(ident) != 4:
        raise EncodeError("id", f"{header.id!r} is not an identification of eight digits")
    maker = manufacturer_code(header.manufacturer or "@@@")
    return (
        ident[::-1]
        + maker.to_bytes(2, "little")
        + bytes((header.version or 0, header.medium or 0, header.access_number or 0, header.status or 0))
        + header.configuration.to_bytes(2, "little")
    )
