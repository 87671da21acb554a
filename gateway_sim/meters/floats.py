"""Four-byte floats as the exact decimal that a person would write for them."""

from __future__ import annotations

import struct
from decimal import Decimal


def float32(data: bytes, order: str = "<") -> Decimal | None:
    """IEEE single, little-endian (`<`) or big-endian (`>`): the shortest decimal that gives the same bytes.

    None for NaN and infinities, which meters use for "not measured".
    """
    (value,) = struct.unpack(f"{order}f", data)
    if value != value or value in (float("inf"), float("-inf")):
        return None
    for digits in range(6, 10):
        text = f"{value:.{digits}g}"
        if struct.pack(f"{order}f", float(text)) == data:
            break
    return plain(Decimal(text))


def plain(value: Decimal) -> Decimal:
    """Without an exponent: 1E+2 is 100."""
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value


def float32_bytes(value: Decimal | float, order: str = "<") -> bytes:
    return struct.pack(f"{order}f", float(value))
