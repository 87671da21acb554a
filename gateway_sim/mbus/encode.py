"""From values to wire bytes: records and answers. The simulated meters speak through it, and it is the decoder's
counterpart in the round-trip tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from gateway_sim.mbus import vif_tables as tables
from gateway_sim.mbus.dib import DIF_MORE_FOLLOWS, build_dib
from gateway_sim.mbus.errors import EncodeError
from gateway_sim.mbus.frames import RSP_UD, long_frame
from gateway_sim.mbus.header import Header, build_long
from gateway_sim.mbus.values import EXACT

Encodable = Decimal | date | datetime | time | str | None

# coding -> (DIF nibble, bytes)
INTEGERS = {
    "int8": (1, 1),
    "int16": (2, 2),
    "int24": (3, 3),
    "int32": (4, 4),
    "int48": (6, 6),
    "int64": (7, 8),
}
BCDS = {"bcd2": (9, 1), "bcd4": (10, 2), "bcd6": (11, 3), "bcd8": (12, 4), "bcd12": (14, 6)}
CODINGS = (*INTEGERS, *BCDS, "real32", "g", "f", "i", "j", "text", "none")
MAX_DATA = 240  # bytes of records in one telegram: 255 less C, A, CI and the long header


def _reverse() -> dict[tuple[str, str], list[tuple[int, int, str, bytes]]]:
    """(quantity, unit) -> (exponent, factor, kind, VIF bytes), finest first."""
    found: dict[tuple[str, str], list[tuple[int, int, str, bytes]]] = {}
    for head, table in (
        (b"", tables.PRIMARY),
        (b"\xfb", tables.FB),
        (b"\xfd", tables.FD),
        (b"\xfd\xfd", tables.FD_FD),
    ):
        for code, vif in table.items():
            entry = (vif.exponent, vif.factor, vif.kind, head + bytes((code,)))
            found.setdefault((vif.quantity, vif.unit), []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: (entry[0], entry[1], len(entry[3])))
    return found


_REVERSE = _reverse()


def vib_for(quantity: str, unit: str, exponent: int = 0) -> tuple[bytes, int, int, str]:
    """(VIB, exponent, factor, kind) such that value = raw x factor x 10^exponent. An exponent no code has is made
    of the nearest code and a multiplying VIFE (70h..77h)."""
    entries = _REVERSE.get((quantity, unit))
    if not entries:
        raise EncodeError("vif", f"no VIF for {quantity} in {unit or 'no unit'}")
    for have, factor, kind, vib in entries:
        if have == exponent and factor == 1:
            return vib, have, factor, kind
    for have, factor, kind, vib in entries:
        if factor == 1 and -6 <= exponent - have <= 1:
            return vib[:-1] + bytes((vib[-1] | 0x80, 0x76 + exponent - have)), exponent, 1, kind
    have, factor, kind, vib = entries[0]
    if have != exponent:
        raise EncodeError("vif", f"no VIF for {quantity} in 10^{exponent} {unit}")
    return vib, have, factor, kind


def encode_record(
    quantity: str,
    value: Encodable,
    *,
    coding: str,
    unit: str = "",
    exponent: int = 0,
    function: str = "instantaneous",
    storage: int = 0,
    tariff: int = 0,
    subunit: int = 0,
    vifes: bytes = b"",
) -> bytes:
    """One record. `value` stands in `unit`; the number sent is value / 10^exponent and must be whole for integer
    and BCD codings. `vifes` are further VIFEs, without extension bits."""
    vib, exponent, factor, kind = vib_for(quantity, unit, exponent)
    nibble, data = _data(value, coding, exponent, factor, unsigned=kind in (tables.UNSIGNED, tables.BITS))
    block = bytearray(vib)
    for vife in vifes:
        block[-1] |= 0x80
        block.append(vife & 0x7F)
    return build_dib(nibble, function, storage, tariff, subunit) + bytes(block) + data


def _data(value: Encodable, coding: str, exponent: int, factor: int, *, unsigned: bool) -> tuple[int, bytes]:
    if coding == "none" or value is None:
        return 0, b""
    if isinstance(value, Decimal):
        scaled = EXACT.divide(EXACT.scaleb(value, -exponent), Decimal(factor))
        if coding == "real32":
            return 5, encode_real(scaled)
        return encode_integer(scaled, coding, unsigned=unsigned)
    if isinstance(value, str):
        return _text(value, coding)
    return _moment(value, coding)


def encode_integer(number: Decimal, coding: str, *, unsigned: bool = False) -> tuple[int, bytes]:
    whole = int(number)
    if whole != number:
        raise EncodeError("value", f"{number} is not a whole number in this scale")
    if coding in INTEGERS:
        nibble, size = INTEGERS[coding]
        try:
            return nibble, whole.to_bytes(size, "little", signed=not unsigned)
        except OverflowError:
            raise EncodeError("value", f"{whole} does not fit into {size} bytes") from None
    if coding in BCDS:
        nibble, size = BCDS[coding]
        digits = str(abs(whole)).rjust(2 * size, "0")
        if whole < 0:  # the top digit gives way to the sign
            digits = "f" + digits[1:] if digits[0] == "0" else "f" + digits
        if len(digits) > 2 * size:
            raise EncodeError("value", f"{whole} does not fit into {2 * size} digits")
        return nibble, bytes.fromhex(digits)[::-1]
    raise EncodeError("coding", f"a number cannot be coded as {coding!r}")


def encode_real(number: Decimal) -> bytes:
    try:
        return struct.pack("<f", float(number))
    except OverflowError:
        raise EncodeError("value", f"{number} does not fit into a float32") from None


def _text(value: str, coding: str) -> tuple[int, bytes]:
    data = value.encode("latin-1")[::-1]
    if coding != "text" or len(data) >= 0xC0:
        raise EncodeError("coding", "text is coded as 'text' with up to 191 characters")
    return 13, bytes((len(data),)) + data


def _moment(value: date | datetime | time, coding: str) -> tuple[int, bytes]:
    if isinstance(value, time):
        if coding != "j":
            raise EncodeError("coding", "a time of day is coded as type J")
        return 3, bytes((value.second, value.minute, value.hour))
    if not 1981 <= value.year <= 2080:
        raise EncodeError("value", f"the year {value.year} does not fit into two digits (1981 to 2080)")
    year = value.year % 100
    day = value.day | (year & 7) << 5
    month = value.month | (year >> 3) << 4
    if coding == "g":
        return 2, bytes((day, month))
    if not isinstance(value, datetime):
        raise EncodeError("coding", "a date alone is coded as type G")
    if coding == "f":
        # Century bits 1 say 20xx outright; 0 would be read as 19xx from 81 on, which is what is meant there.
        return 4, bytes((value.minute, value.hour | (0x20 if value.year >= 2000 else 0), day, month))
    if coding == "i":
        return 6, bytes((value.second, value.minute, value.hour, day, month, 0))
    raise EncodeError("coding", f"an instant cannot be coded as {coding!r}")


def encode_answer(
    address: int, header: Header, records: Sequence[bytes], *, more: bool = False, control: int = RSP_UD
) -> bytes:
    """An RSP_UD with CI 72h; `more` closes it with DIF 1Fh. 240 bytes of records fit."""
    body = b"".join(records) + (bytes((DIF_MORE_FOLLOWS,)) if more else b"")
    if len(body) > MAX_DATA:
        raise EncodeError("length", f"{len(body)} bytes of records do not fit into one telegram ({MAX_DATA})")
    return long_frame(control, address, 0x72, build_long(header) + body)


def spread(records: Sequence[bytes], telegrams: int = 1) -> list[list[bytes]]:
    """Records over at least `telegrams` telegrams in their order, more where one would grow too long. No telegram
    but an only one is empty."""
    wanted = max(1, min(telegrams, len(records)))
    parts: list[list[bytes]] = []
    for n in range(wanted):
        part: list[bytes] = []
        size = 0
        for record in records[n * len(records) // wanted : (n + 1) * len(records) // wanted]:
            if part and size + len(record) > MAX_DATA - 1:
                parts.append(part)
                part, size = [], 0
            part.append(record)
            size += len(record)
        parts.append(part)
    return parts
