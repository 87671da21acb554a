"""Data information block (EN 13757-3, 6.3): coding, function, storage, tariff and sub-unit of a record."""

from __future__ import annotations

from typing import NamedTuple

from gateway_sim.mbus.errors import EncodeError

FUNCTIONS = ("instantaneous", "maximum", "minimum", "error")
MAX_DIFE = 10

# The low nibble of the DIF. -1: the length stands in the data (LVAR). Nibble F is a special function.
NONE, INT, REAL, SELECT, BCD, LVAR = "none", "int", "real", "select", "bcd", "lvar"
CODINGS: tuple[tuple[str, int], ...] = (
    (NONE, 0), (INT, 1), (INT, 2), (INT, 3), (INT, 4), (REAL, 4), (INT, 6), (INT, 8),
    (SELECT, 0), (BCD, 1), (BCD, 2), (BCD, 3), (BCD, 4), (LVAR, -1), (BCD, 6), (NONE, 0),
)  # fmt: skip

DIF_MANUFACTURER = 0x0F
DIF_MORE_FOLLOWS = 0x1F
DIF_IDLE = 0x2F


class Dib(NamedTuple):
    function: str
    storage: int
    tariff: int
    subunit: int
    coding: str
    size: int  # bytes of data, -1 for LVAR
    flags: tuple[str, ...]


def parse_dib(block: bytes) -> Dib:
    """`block` is the DIF and its DIFEs. Each DIFE adds 4 bits of storage, 2 of tariff, 1 of sub-unit."""
    dif = block[0]
    storage = dif >> 6 & 1
    tariff = subunit = 0
    for i, dife in enumerate(block[1:]):
        storage |= (dife & 0x0F) << (1 + 4 * i)
        tariff |= (dife >> 4 & 3) << (2 * i)
        subunit |= (dife >> 6 & 1) << i
    coding, size = CODINGS[dif & 0x0F]
    flags = ("too_many_difes",) if len(block) > 1 + MAX_DIFE else ()
    return Dib(FUNCTIONS[dif >> 4 & 3], storage, tariff, subunit, coding, size, flags)


def build_dib(nibble: int, function: str, storage: int, tariff: int, subunit: int) -> bytes:
    """The shortest block that holds the numbers."""
    if min(storage, tariff, subunit) < 0:
        raise EncodeError("dib", "storage, tariff and sub-unit are not negative")
    difes = []
    rest, tariffs, subunits = storage >> 1, tariff, subunit
    while rest or tariffs or subunits:
        difes.append(rest & 0x0F | (tariffs & 3) << 4 | (subunits & 1) << 6)
        rest, tariffs, subunits = rest >> 4, tariffs >> 2, subunits >> 1
    if len(difes) > MAX_DIFE:
        raise EncodeError("dib", "storage, tariff or sub-unit need more than ten DIFEs")
    out = bytearray([nibble | FUNCTIONS.index(function) << 4 | (storage & 1) << 6])
    for dife in difes:
        out[-1] |= 0x80
        out.append(dife)
    return bytes(out)
