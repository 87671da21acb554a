"""The fixed data structure of old meters (CI 73h, EN 1434-3): identification, status and two counters."""

from __future__ import annotations

from decimal import Decimal

from gateway_sim.mbus import values
from gateway_sim.mbus.errors import TelegramError
from gateway_sim.mbus.header import Header
from gateway_sim.mbus.records import Record
from gateway_sim.mbus.vif_tables import Vif

SIZE = 16
SAME_BUT_HISTORIC = 0x3E
STATUS_BINARY = 0x01  # signed binary; bit 0 of the status, as EN 1434-3 counts (libmbus tests bit 7)
STATUS_STORED = 0x02


def _units() -> dict[int, Vif]:
    table = {0x00: Vif("time"), 0x01: Vif("date")}
    groups = (
        (0x02, 9, "energy", "Wh", 0), (0x0B, 9, "energy", "J", 3), (0x14, 9, "power", "W", 0),
        (0x1D, 9, "power", "J/h", 3), (0x26, 9, "volume", "m3", -6), (0x2F, 9, "volume_flow", "m3/h", -6),
    )  # fmt: skip
    for first, count, quantity, unit, exponent in groups:
        for n in range(count):
            table[first + n] = Vif(quantity, unit, exponent + n)
    table[0x38] = Vif("temperature", "C", -3)  # of what, the structure does not say
    table[0x39] = Vif("hca")
    table[0x3F] = Vif("dimensionless")
    return table


UNITS = _units()


def parse_fixed(data: bytes, msb_first: bool = False) -> tuple[Header, tuple[Record, ...]]:
    if len(data) != SIZE:
        raise TelegramError("header", f"a fixed data structure has {SIZE} bytes, not {len(data)}")
    ident = data[:4] if msb_first else data[3::-1]
    status, first, second = data[5], data[6], data[7]
    medium = first >> 6 | (second >> 6) << 2
    header = Header(id=ident.hex().upper(), medium=medium, access_number=data[4], status=status)
    stored = 1 if status & STATUS_STORED else 0
    one, two = first & 0x3F, second & 0x3F
    storage = stored
    if two == SAME_BUT_HISTORIC:
        two, storage = one, 1
    records = (
        _counter(data[8:12], one, status, stored, msb_first),
        _counter(data[12:16], two, status, storage, msb_first),
    )
    return header, records


def _counter(raw: bytes, unit: int, status: int, storage: int, msb_first: bool) -> Record:
    vif = UNITS.get(unit)
    flags: tuple[str, ...] = ()
    if vif is None:
        vif, flags = Vif("unknown"), ("unknown_vif",)
    field = raw[::-1] if msb_first else raw
    if status & STATUS_BINARY:
        number: int | None = int.from_bytes(field, "little", signed=True)
    else:
        number = values.bcd(field)
    value: Decimal | None = None
    if number is None:
        flags += ("invalid_bcd",)
    else:
        value = values.EXACT.multiply(number, Decimal(1).scaleb(vif.exponent))
    return Record("instantaneous", storage, 0, 0, vif.quantity, vif.unit, value, flags, raw)
