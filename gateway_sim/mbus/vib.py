"""Value information block: VIF and VIFEs resolved to what a record's data mean."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from gateway_sim.mbus import vif_tables as tables
from gateway_sim.mbus.vif_tables import DATE, FREE, OPAQUE, UNSIGNED, Vif

MAX_VIFE = 10


class Meaning(NamedTuple):
    """A number is `raw x multiplier + addend` in `unit`."""

    quantity: str
    unit: str
    multiplier: Decimal
    addend: Decimal | None
    kind: str
    flags: tuple[str, ...]


def ends_manufacturer(block: bytes) -> bool:
    return block[0] & 0x7F == 0x7F


def resolve(block: bytes, text: str | None = None) -> Meaning:
    """`block` is the VIF and its VIFEs without the text of a plain-text VIF; that is given as `text`."""
    vif, rest = _base(block)
    if text is not None:
        vif = Vif("plain_text", text, kind=FREE)
    if vif is tables.MANUFACTURER:
        return Meaning(vif.quantity, "", Decimal(1), None, FREE, ())  # what follows is the maker's own
    return _combine(vif, rest)


def _base(block: bytes) -> tuple[Vif, bytes]:
    first = block[0]
    code = first & 0x7F
    if code == 0x7F:
        return tables.MANUFACTURER, b""
    if code == 0x7C:
        return tables.PLAIN_TEXT, block[1:]
    if first in (0xFB, 0xFD, 0xEF) and len(block) > 1:
        if first == 0xFB:
            return tables.FB.get(block[1] & 0x7F, tables.RESERVED), block[2:]
        if first == 0xEF:  # a third table, announced but never filled
            return tables.RESERVED, block[2:]
        if block[1] == 0xFD and len(block) > 2:
            return tables.FD_FD.get(block[2] & 0x7F, tables.RESERVED), block[3:]
        return tables.FD.get(block[1] & 0x7F, tables.RESERVED), block[2:]
    return tables.PRIMARY.get(code, tables.RESERVED), block[1:]


def _combine(vif: Vif, vifes: bytes) -> Meaning:
    quantity, unit, exponent, factor, kind = vif
    flags: list[str] = []
    addend: Decimal | None = None
    if vif is tables.RESERVED:
        flags.append("unknown_vif")
    if len(vifes) > MAX_VIFE:
        flags.append("too_many_vifes")
    extended = False
    for vife in vifes:
        code = vife & 0x7F
        if extended:
            extended = False
            label = tables.LABELS_FC.get(code)
            flags.append(label or f"vife_fc_{code:02x}")
            if code in (0x11, 0x12):
                kind = UNSIGNED
            elif code == 0x13:
                quantity, unit, kind = "datetime", "", DATE
        elif code == 0x7F:
            flags.append("manufacturer_vife")  # this and what follows is the maker's own: leave it alone
            break
        elif code in tables.LABELS:
            flags.append(tables.LABELS[code])
            if code in tables.COMPACT_PROFILES:
                kind = OPAQUE
        elif code in tables.UNIT_SUFFIX:
            suffix, shift = tables.UNIT_SUFFIX[code]
            unit += suffix if unit or suffix[0] != "*" else suffix[1:]
            exponent += shift
        elif 0x70 <= code <= 0x77:
            exponent += code - 0x76
        elif 0x78 <= code <= 0x7B:
            # Given in the unit of the VIF; every decoder in the field reads that as the unit without its scale.
            addend = (addend or Decimal(0)) + Decimal(1).scaleb(code - 0x7B)
        elif code == 0x7C:
            extended = True
        elif code == 0x7D:
            exponent += 3
        elif code == 0x39:
            flags += ["start_of", quantity]
            quantity, unit, kind = "datetime", "", DATE
        elif code in (0x41, 0x49):
            flags += ["lower_limit" if code == 0x41 else "upper_limit", quantity]
            quantity, unit, exponent, factor, kind = "limit_exceed_count", "", 0, 1, UNSIGNED
        elif code & 0x72 == 0x42 or code in (0x6A, 0x6B, 0x6E, 0x6F):  # E100 uf1b, E110 1f1b: an instant
            flags += _event_flags(code, quantity)
            quantity, unit, kind = "datetime", "", DATE
        elif 0x50 <= code <= 0x67:  # E101 ufnn, E110 0fnn: how long
            flags += _event_flags(code, quantity)
            quantity = "limit_exceed_duration" if code < 0x60 else "event_duration"
            unit, exponent, factor, kind = "s", 0, tables.SECONDS[code & 3], UNSIGNED
        elif code:
            flags.append(f"vife_{code:02x}")
    multiplier = Decimal(factor).scaleb(exponent) if -40 < exponent < 40 else Decimal(f"{factor}E{exponent}")
    if exponent > 0:
        multiplier = multiplier.quantize(Decimal(1)) if exponent < 24 else multiplier
    return Meaning(quantity, unit, multiplier, addend, kind, tuple(flags))


def _event_flags(code: int, quantity: str) -> list[str]:
    """u upper or lower limit, f first or last, b begin or end; then what the event is about."""
    flags = []
    if code < 0x60:
        flags.append("upper_limit" if code & 0x08 else "lower_limit")
    flags.append("last" if code & 0x04 else "first")
    if code < 0x50 or code >= 0x68:
        flags.append("end" if code & 0x01 else "begin")
    flags.append(quantity)
    return flags
