"""Serial numbers of TJA480 servers, as people type them. Pure: no Django.

A label shows six groups of four capital letters and digits; the letter O is never used, so that it cannot be
taken for the digit 0 (source: the configurator's manual, 2.3 and 2.4).
"""

from __future__ import annotations

import re
import unicodedata

LENGTH = 24
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212.]+")
# Latin, Greek and Cyrillic: on a Russian keyboard the letter O looks the same
_LETTERS_O = frozenset("OΟО")
_SERIAL = re.compile(r"[A-NP-Z0-9]{24}")


class SerialFault(ValueError):
    """`code` is letter_o, characters or length; `found` is what stood there (a count for length)."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.found = found


def serial_parse(text: str) -> str:
    """The 24 characters without separators, in capitals. Raises `SerialFault`."""
    bare = _BETWEEN.sub("", unicodedata.normalize("NFKC", text[:200])).upper()
    if _LETTERS_O & set(bare):
        raise SerialFault("letter_o")
    strange = next((c for c in bare if not re.fullmatch(r"[A-Z0-9]", c)), None)
    if strange is not None:
        raise SerialFault("characters", strange)
    if not _SERIAL.fullmatch(bare):
        raise SerialFault("length", str(len(bare)))
    return bare


def serial_grouped(serial: str) -> str:
    """Six groups of four, as on the label."""
    return "-".join(serial[start : start + 4] for start in range(0, len(serial), 4))
