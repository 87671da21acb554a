"""Data of variable length (DIF 0Dh): the first byte says what follows and how much of it."""

from __future__ import annotations

from decimal import Decimal

from gateway_sim.mbus import values
from gateway_sim.mbus import vif_tables as tables
from gateway_sim.mbus.records import Value

Flags = tuple[str, ...]


def lvar_size(lvar: int) -> int:
    """Bytes after the LVAR byte. 00..BF text; C0..C9 and D0..D9 a positive and a negative BCD number of twice as
    many digits; E0..EF a binary number; F0..F4 one of 16, 20 … 32 bytes, F5 48, F6 64. Reserved ones: 0."""
    if lvar < 0xC0:
        return lvar
    if lvar < 0xE0:
        return lvar & 0x0F
    if lvar < 0xF0:
        return lvar - 0xE0
    if lvar <= 0xF4:
        return 4 * (lvar - 0xEC)
    return {0xF5: 48, 0xF6: 64}.get(lvar, 0)


def lvar_value(field: bytes, kind: str, unit: str, multiplier: Decimal) -> tuple[Value, Flags]:
    """`field` begins with the LVAR byte."""
    lvar, data = field[0], field[1:]
    if lvar < 0xC0:
        return (data.hex(), ()) if kind == tables.OPAQUE else (values.text(data), ())
    if lvar < 0xE0:
        if not data:
            return None, ("no_data",)
        number = values.bcd(data)
        if number is None:
            return None, ("invalid_bcd",)
        return values.EXACT.multiply(-number if lvar >= 0xD0 else number, multiplier), ()
    if lvar > 0xF6:
        return None, ("reserved_lvar",)
    if kind == tables.DATE:
        return values.moment(data) if len(data) in (2, 3, 4, 6) else (None, ("type_mismatch",))
    if kind in (tables.OPAQUE, tables.FREE) or (kind == tables.NUMBER and not unit):
        return data.hex(), ()  # a binary of no known unit is shown as its bytes, in the order sent
    if not data:
        return None, ("no_data",)
    whole = int.from_bytes(data, "little", signed=kind == tables.NUMBER)
    return values.EXACT.multiply(whole, multiplier), ()
